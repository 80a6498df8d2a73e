import type { DriftIgnore } from "../model/config.ts";
import { type Finding, type FindingEnd, isSamePlace, type OpenFinding } from "../model/finding.ts";
import { type Json, jsonEqual } from "../model/json.ts";
import type { SchemaSnapshot, SchemaStates } from "../model/migration.ts";
import { parsePath } from "../model/path.ts";
import { valueAt } from "../model/value-diff.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { applyIgnore } from "./ignore.ts";
import type { Lifecycle } from "./lifecycle.ts";

export interface SchemaLook {
  /** The workspace's findings that have no end yet. */
  readonly open: readonly OpenFinding[];
  /** What this look told. */
  readonly seen: readonly Finding[];
  readonly states: SchemaStates;
  readonly ignore: readonly DriftIgnore[];
  readonly key: Uint8Array;
  /** Workspace key. */
  readonly workspace: string;
  readonly now: Date;
}

/** What one look at a schema means for the findings that are open. What a pending file makes is no finding: it is planned. */
export const schemaLifecycle = (
  look: SchemaLook,
): { readonly findings: Lifecycle["opened"]; readonly lifecycle: Lifecycle } => {
  const { open, states, key, workspace } = look;
  const told = look.seen.filter(({ cause }) => cause !== "unapplied" && cause !== "noise");
  const { findings: left, ignored } = applyIgnore(told, look.ignore, look.now);
  const findings = left.map((finding) => {
    const { address, path, actual: live } = finding;
    return { ...finding, fingerprint: fingerprintOf({ key, workspace, address, path, live }) };
  });
  const now = new Set(findings.map(({ fingerprint }) => fingerprint));
  const known = new Set(open.map(({ fingerprint }) => fingerprint));
  const isIgnored = (finding: Finding): boolean => ignored.some((one) => isSamePlace(one.finding, finding));
  return {
    findings,
    lifecycle: {
      opened: findings.filter(({ fingerprint }) => !known.has(fingerprint)),
      kept: open.filter(({ fingerprint }) => now.has(fingerprint)),
      ended: open
        .filter(({ fingerprint }) => !now.has(fingerprint))
        .map((finding) => ({
          fingerprint: finding.fingerprint,
          why: isIgnored(finding) ? "ignored" : endOf(finding, states),
        })),
    },
  };
};

/** Reality still is as found: then the files came to it. */
const endOf = (finding: OpenFinding, { actual }: SchemaStates): FindingEnd => {
  const live = at(actual, finding);
  if (jsonEqual(live, finding.actual)) return "formalized";
  return jsonEqual(live, finding.desired) || jsonEqual(live, finding.recorded)
    ? "reverted"
    : "resolved-itself";
};

const at = (snapshot: SchemaSnapshot, { address, path }: Finding): Json => {
  const object = snapshot.get(address);
  return object === undefined ? null : (valueAt(object, parsePath(path) ?? []) ?? null);
};
