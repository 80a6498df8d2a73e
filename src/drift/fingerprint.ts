import { createHmac } from "node:crypto";
import { canonicalJson, type Json } from "../model/json.ts";

export interface FingerprintFacts {
  readonly key: Uint8Array;
  /** Workspace key. */
  readonly workspace: string;
  readonly address: string;
  readonly path: string;
  /** The live value itself, sensitive or not; null where absent. */
  readonly live: Json;
}

/** Names a finding by place and live value: neither run nor cause, so that one drift has one name while it lives. */
export const fingerprintOf = ({ key, workspace, address, path, live }: FingerprintFacts): string =>
  `df1:${createHmac("sha256", key)
    .update(canonicalJson(["finding", workspace, address, path, live]))
    .digest("hex")}`;
