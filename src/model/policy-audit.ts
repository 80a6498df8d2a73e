import { isJsonObject, type Json, type JsonObject } from "./json.ts";
import type { PolicyVerdict } from "./policy.ts";

/** What all policies say of a workspace as it is now, as of the last look for drift, or at what is recorded of it. */
export interface PolicyAudit {
  readonly workspace: string;
  readonly run: string;
  /** Of the code beside it. */
  readonly commit: string;
  readonly at: Date;
  /** Only what the state records was judged, since nobody looks for drift here. */
  readonly recordedOnly?: true;
  /** Since when exactly these denials stand; null where nothing is denied. */
  readonly deniedSince: Date | null;
  readonly verdict: PolicyVerdict;
}

export const policyAuditKey = (workspace: string): string => `policy-audit:${workspace}`;

export const writePolicyAudit = ({ at, deniedSince, verdict, ...rest }: PolicyAudit): JsonObject => ({
  ...rest,
  at: at.toISOString(),
  deniedSince: deniedSince?.toISOString() ?? null,
  verdict: verdict as unknown as JsonObject,
});

/** Null where none was kept. */
export const readPolicyAudit = (kept: Json | undefined): PolicyAudit | null => {
  if (!isJsonObject(kept) || !isJsonObject(kept["verdict"])) return null;
  const { workspace, run, commit, at, deniedSince, verdict, recordedOnly } = kept;
  return {
    workspace: String(workspace),
    run: String(run),
    commit: String(commit),
    at: new Date(String(at)),
    ...(recordedOnly === true ? { recordedOnly } : {}),
    deniedSince: typeof deniedSince === "string" ? new Date(deniedSince) : null,
    verdict: verdict as unknown as PolicyVerdict,
  };
};
