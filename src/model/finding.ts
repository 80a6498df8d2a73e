import type { Json } from "./json.ts";

/** Why a value differs; see design section 1. Precedence when several fit: in this order. */
export type Cause = "noise" | "vanished" | "unmanaged" | "console" | "absorbed" | "input" | "unapplied";
export const CAUSES: readonly Cause[] = [
  "noise",
  "vanished",
  "unmanaged",
  "console",
  "absorbed",
  "input",
  "unapplied",
];

/** Causes that somebody's hand made, outside of Git: they are told, codified, and never undone silently. */
const BY_HAND: ReadonlySet<Cause> = new Set<Cause>(["console", "absorbed", "unmanaged", "vanished"]);
export const isByHand = ({ cause }: { readonly cause: Cause }): boolean => BY_HAND.has(cause);

/** Address and path as one text to read and to copy. */
export const placeText = ({ address, path }: { readonly address: string; readonly path: string }): string =>
  path === "" ? address : `${address}${path.startsWith("[") ? "" : "."}${path}`;

/** One difference at one attribute path of one address. Values are null where absent or sensitive. */
export interface Finding {
  readonly address: string;
  /** Traversal text relative to the resource, `""` for the whole of it. */
  readonly path: string;
  readonly cause: Cause;
  readonly recorded: Json;
  readonly actual: Json;
  readonly desired: Json;
  readonly sensitive: boolean;
}

/** What was found, without what a ledger or a caller adds to it. */
export const findingFacts = (finding: Finding): Finding => {
  const { address, path, cause, recorded, actual, desired, sensitive } = finding;
  return { address, path, cause, recorded, actual, desired, sensitive };
};

/** A finding as the ledger keeps it: its fingerprint names workspace, address, path and keyed hash of the live value. */
export interface OpenFinding extends Finding {
  readonly fingerprint: string;
  readonly workspace: string;
  readonly openedAt: Date;
  readonly lastSeenAt: Date;
}

export type FindingEnd = "formalized" | "reverted" | "ignored" | "resolved-itself" | "workspace-removed";

export interface EndedFinding extends OpenFinding {
  readonly endedAt: Date;
  readonly why: FindingEnd;
}

/** The ledger's own memory of what a workspace looked like after our last verified apply or formalization. */
export interface AcceptedState {
  readonly workspace: string;
  readonly commit: string;
  readonly lockFileHash: string | null;
  readonly inputTreeHash: string;
  readonly lineage: string | null;
  readonly serial: number | null;
  /** address -> traversal path -> keyed hash of the value there. */
  readonly values: { readonly [address: string]: { readonly [path: string]: string } };
  readonly acceptedAt: Date;
}

/** Of one workspace. */
export const isSamePlace = (
  one: { readonly address: string; readonly path: string },
  other: { readonly address: string; readonly path: string },
): boolean => one.address === other.address && one.path === other.path;
