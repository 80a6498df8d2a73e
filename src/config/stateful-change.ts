import { worstClass } from "../model/change-class.ts";
import type { ConfigProblem } from "../model/config.ts";
import type { ReadClaims, StatefulClaim } from "../model/stateful-change.ts";
import { claimBlocks } from "./claim-blocks.ts";
import { lengthOf } from "./duration.ts";
import { endOfDate } from "./leaf-rules.ts";
import { parseShape } from "./repo-config.ts";
import {
  type ClaimYaml,
  type MetadataYaml,
  migrationMetadataSchema,
  migrationMetadataShape,
  type StatefulChangeYaml,
  statefulChangeSchema,
  statefulChangeShape,
} from "./stateful-change-schema.ts";

/** Name of the file that says of migrations beside it what a pull request's description says of the whole. */
export const METADATA_FILE = "migration-metadata.yaml";

/**
 * What the author says: every `stateful_change:` block of the description (fenced or bare) and every changed
 * `migration-metadata.yaml`, as one claim. Of several classes the worst counts. What cannot be read is a problem with
 * its line, never passed over.
 */
export const readClaims = (
  body: string,
  files: readonly { readonly path: string; readonly text: string }[],
): ReadClaims => {
  const claims: StatefulClaim[] = [];
  const problems: ConfigProblem[] = [];
  for (const text of claimBlocks(body)) {
    const parsed = parseShape<StatefulChangeYaml>(text, statefulChangeSchema, statefulChangeShape);
    if (parsed.ok) claims.push(claimOf(parsed.value.stateful_change, "pull request"));
    else problems.push(...parsed.problems.map((problem) => placed(problem, "description")));
  }
  for (const { path, text } of files) {
    const parsed = parseShape<MetadataYaml>(text, migrationMetadataSchema, migrationMetadataShape);
    if (parsed.ok) claims.push(...metadataClaims(parsed.value, path));
    else problems.push(...parsed.problems.map((problem) => placed(problem, path)));
  }
  return { claim: claims.length === 0 ? null : claims.reduce(joined), problems };
};

const placed = ({ path, message }: ConfigProblem, source: string): ConfigProblem => ({
  path: path === "" ? source : `${source}: ${path}`,
  message,
});

const metadataClaims = (yaml: MetadataYaml, path: string): readonly StatefulClaim[] => {
  const {
    stateful_change: inner,
    classification,
    database,
    service,
    expected_runtime: runtime,
    requires_backup: _,
    backup_restore_test: restoreTest,
    ...own
  } = yaml;
  const systems = [...(own.durable_systems ?? []), ...(database ? [database] : [])];
  const flat: ClaimYaml = {
    ...own,
    class: own.class ?? classification,
    durable_systems: systems.length > 0 ? systems : service ? [service] : [],
    backup: { ...(restoreTest === undefined ? {} : { restore_test: restoreTest }), ...own.backup },
    migration: { ...(runtime === undefined ? {} : { estimated_runtime: runtime }), ...own.migration },
  };
  return [claimOf(flat, path), ...(inner ? [claimOf(inner, path)] : [])];
};

const claimOf = (yaml: ClaimYaml, source: string): StatefulClaim => {
  const { compatibility = {}, migration = {} } = yaml;
  const phase = yaml.phase ?? yaml.contract_step?.expand_contract_phase;
  return {
    sources: [source],
    class: yaml.class ?? null,
    phases: phase ? [phase] : [],
    changeId: yaml.change_id ?? null,
    durableSystems: yaml.durable_systems ?? [],
    compatibility: {
      oldReadsNew: compatibility.old_app_reads_new_schema ?? compatibility.old_app_works_after ?? null,
      newReadsOld: compatibility.new_app_reads_old_schema ?? null,
      rollbackSafeUntil: dateOf(compatibility.rollback_safe_until),
      ...(compatibility.old_app_works_after_contract === undefined
        ? {}
        : { oldAfterContract: compatibility.old_app_works_after_contract }),
    },
    ...contractOf(yaml.contract_step),
    rollbackBoundary: yaml.rollback_boundary ?? null,
    backup: backupOf(yaml.backup ?? {}),
    recovery: yaml.recovery ?? null,
    migration: {
      tool: migration.tool ?? null,
      toolVersion: migration.tool_version ?? null,
      plan: migration.plan ?? null,
      estimatedRuntime: migration.estimated_runtime ?? null,
      lockRisk: migration.lock_risk ?? null,
      backfillStrategy: migration.backfill_strategy ?? null,
      identity: migration.identity ?? null,
    },
    requiresSchemaVersion: yaml.requires_schema_version ?? null,
    metrics: yaml.observability?.required_metrics ?? [],
    approvals: yaml.approvals?.required ?? [],
  };
};

const contractOf = (step: ClaimYaml["contract_step"]): Pick<StatefulClaim, "contract"> => {
  if (!step || Object.keys(step).every((key) => key === "expand_contract_phase")) return {};
  const { deprecated_since: since, deprecation_window: window, zero_fallback: zero } = step;
  return {
    contract: {
      deprecatedSince: dateOf(since, "start"),
      windowMs: window === undefined ? null : (lengthOf(window) ?? null),
      fallback: zero
        ? {
            metric: zero.metric ?? null,
            zeroSince: dateOf(zero.since, "start"),
            evidence: zero.evidence ?? null,
          }
        : null,
    },
  };
};

const backupOf = (yaml: NonNullable<ClaimYaml["backup"]>): StatefulClaim["backup"] => {
  const test = typeof yaml.restore_test === "string" ? { id: yaml.restore_test } : (yaml.restore_test ?? {});
  const passed = test.result === undefined ? (yaml.restore_tested ?? null) : test.result === "passed";
  return {
    id: yaml.id ?? null,
    takenAt: dateOf(yaml.taken_at ?? yaml.timestamp, "start"),
    restoreTest: { id: test.id ?? null, at: dateOf(test.at, "start"), passed },
    rto: yaml.rto ?? null,
    rtoMs: yaml.rto === undefined ? null : (lengthOf(yaml.rto) ?? null),
    rpo: yaml.rpo ?? null,
    rpoMs: yaml.rpo === undefined ? null : (lengthOf(yaml.rpo) ?? null),
    owner: yaml.owner ?? null,
    restoreRealistic: yaml.restore_realistic ?? null,
    decision: yaml.decision ?? null,
  };
};

/** A day without a time means its end for a limit, and its start for something that has happened. */
const dateOf = (text: string | undefined, edge: "start" | "end" = "end"): Date | null => {
  if (text === undefined) return null;
  return edge === "start" && text.length === 10 ? new Date(`${text}T00:00:00Z`) : (endOfDate(text) ?? null);
};

/** Of two claims the worse class; what one leaves open the other may say; a "no" outweighs a "yes". */
const joined = (left: StatefulClaim, right: StatefulClaim): StatefulClaim => ({
  sources: [...new Set([...left.sources, ...right.sources])],
  class:
    left.class === null || right.class === null
      ? (left.class ?? right.class)
      : worstClass([left.class, right.class]),
  phases: [...new Set([...left.phases, ...right.phases])],
  changeId: left.changeId ?? right.changeId,
  durableSystems: [...new Set([...left.durableSystems, ...right.durableSystems])],
  compatibility: {
    oldReadsNew: both(left.compatibility.oldReadsNew, right.compatibility.oldReadsNew),
    newReadsOld: both(left.compatibility.newReadsOld, right.compatibility.newReadsOld),
    rollbackSafeUntil: earlier(left.compatibility.rollbackSafeUntil, right.compatibility.rollbackSafeUntil),
    oldAfterContract: both(
      left.compatibility.oldAfterContract ?? null,
      right.compatibility.oldAfterContract ?? null,
    ),
  },
  ...(left.contract && right.contract
    ? { contract: filled(left.contract, right.contract) }
    : (contracted(left) ?? contracted(right) ?? {})),
  rollbackBoundary: left.rollbackBoundary ?? right.rollbackBoundary,
  backup: filled(left.backup, right.backup),
  recovery: left.recovery ?? right.recovery,
  migration: filled(left.migration, right.migration),
  requiresSchemaVersion: left.requiresSchemaVersion ?? right.requiresSchemaVersion,
  metrics: [...new Set([...left.metrics, ...right.metrics])],
  approvals: [...new Set([...left.approvals, ...right.approvals])],
});

const contracted = ({ contract }: StatefulClaim): Pick<StatefulClaim, "contract"> | null =>
  contract ? { contract } : null;

const both = (left: boolean | null, right: boolean | null): boolean | null =>
  left === null || right === null ? (left ?? right) : left && right;
const earlier = (left: Date | null, right: Date | null): Date | null =>
  left === null || right === null ? (left ?? right) : left < right ? left : right;

/** Every gap of one filled from the other, a restore test as a whole. */
const filled = <T extends object>(left: T, right: T): T => {
  const said = Object.entries(left).filter(([, value]) => value !== null && !isUntold(value));
  return { ...right, ...Object.fromEntries(said) };
};
/** All of it is left out. */
export const isUntold = (value: unknown): boolean =>
  typeof value === "object" &&
  !(value instanceof Date) &&
  Object.values(value ?? {}).every((one) => one === null);
