import type { PlacedBlock, Scope } from "./configuration.ts";

/** The block in which an attribute stands or is missing, and where that block stands in its resource. */
export interface AttributeSite {
  readonly address: string;
  /** Top-level attribute or block of the resource. */
  readonly top: string;
  readonly placed: PlacedBlock;
  readonly scope: Scope;
  /** `ingress[0].`, or empty at the top. */
  readonly prefix: string;
  readonly settles: readonly string[];
  /** See `Change`. */
  readonly follows: readonly string[];
}
