import { contextEntriesOf } from "../migration/context-entry.ts";
import { judgeStanding } from "../migration/judge.ts";
import { inspectionOf, planDocument, summaryOf } from "../migration/plan-document.ts";
import type { Backfill } from "../model/backfill.ts";
import type { ChangeClass } from "../model/change-class.ts";
import { canonicalJson, type Json } from "../model/json.ts";
import type { MigrationStanding, MigrationSummary } from "../model/migration.ts";
import type { PlanDigest } from "../model/plan.ts";
import type { Rehearsal } from "../model/rehearsal.ts";
import type { ContextEntry } from "../model/resource-context.ts";
import { planDigest } from "../plan/digest.ts";
import { readPlan } from "../plan/read.ts";
import { rehearsalLines } from "../report/rehearsal-lines.ts";
import { contextOfChanges, judgedByContext } from "../risk/context-judgement.ts";
import type { Scratch } from "./frame.ts";
import { inputTreeHash } from "./inputs.ts";
import { withBackfills } from "./migration-backfills.ts";
import type { PreparedMigrations } from "./migration-prepare.ts";
import type { SavedPlan } from "./plan-step.ts";
import { protectedRules } from "./protected-rules.ts";
import { resourceContext } from "./resource-context.ts";
import type { RunInput } from "./run-input.ts";
import type { World } from "./world.ts";

/** A plan of migrations, which every gate and report reads as any other plan. */
export interface SavedMigrations extends SavedPlan {
  readonly standing: MigrationStanding;
  readonly migration: MigrationSummary;
}

/** Asks where the database stands, judges what is pending, and digests what a reviewer approves. */
export const makeMigrationPlan = async (
  world: World,
  scratch: Scratch,
  prepared: PreparedMigrations,
  input: RunInput,
  { name, rehearse = false }: { readonly name: string; readonly rehearse?: boolean },
): Promise<SavedMigrations> => {
  const found = await scratch.step(name, () => prepared.runner.plan(prepared.call));
  // Where the folder leaves the code nothing is run any more, and nothing is ever dropped.
  const standing = input.destroy ? { ...found, pending: [], problems: [] } : found;
  const today = world.clock.now().toISOString().slice(0, 10);
  const { parse } = prepared.databases;
  const context = standing.pending.length === 0 ? undefined : await prepared.runner.context(prepared.call);
  const plain = judgeStanding(standing, { parse, today, ...(context ? { context } : {}) });
  const { summary: judged, fresh } = input.destroy
    ? { summary: plain, fresh: [] }
    : await withBackfills(world, scratch, prepared, { standing, judged: plain });
  const rehearsal = rehearse ? await rehearsed(scratch, prepared, judged, fresh) : null;
  const migration = rehearsal === null ? judged : { ...judged, rehearsal: asKept(rehearsal) };
  tell(scratch, migration);
  const known = context
    ? contextEntriesOf(context, { version: migration.history.version, touched: migration.tables ?? [] })
    : [];
  return asPlan(world, scratch, prepared, input, { standing, migration, known });
};

/** Null where nothing is pending, or the workspace does without. */
const rehearsed = async (
  { log, step }: Scratch,
  { runner, call }: PreparedMigrations,
  { migrations }: MigrationSummary,
  backfills: readonly Backfill[],
): Promise<Rehearsal | null> => {
  if (!call.database.rehearsal.enabled || migrations.length + backfills.length === 0) return null;
  const rehearsal = await step("rehearse", () => runner.rehearse(call, backfills));
  for (const line of rehearsalLines(rehearsal)) log.line(line);
  return rehearsal;
};

/** What was there before is applied long since: its statements are not kept with every plan. */
const asKept = (rehearsal: Rehearsal): Rehearsal => ({
  ...rehearsal,
  empty: {
    ...rehearsal.empty,
    migrations: rehearsal.empty.migrations.map((one) => ({ ...one, statements: [] })),
  },
});

interface Judged extends Pick<SavedMigrations, "standing" | "migration"> {
  /** What the target itself tells. */
  readonly known: readonly ContextEntry[];
}

const asPlan = async (
  world: World,
  { run, workspace }: Scratch,
  prepared: PreparedMigrations,
  input: RunInput,
  { standing, migration, known }: Judged,
): Promise<SavedMigrations> => {
  const json = canonicalJson(planDocument(migration));
  const plan = readPlan(json);
  const base = run.base ?? prepared.tree.commit;
  const rules = await protectedRules(world, workspace.repo, base);
  const told = await resourceContext(world, { repo: workspace.repo, base, rules, workspace, plan });
  const context = { ...told, entries: [...told.entries, ...known] };
  const inspection = judgedByContext(inspectionOf(migration), context);
  const inputTree = await inputTreeHash(world, workspace.repo, prepared.tree.commit, input.config);
  const spoken = contextOfChanges(context, inspection);
  return {
    ...{ file: "", plan, json, inspection, inputTree, rules, context, standing, migration },
    summary: { ...summaryOf(migration, inspection), ...(spoken.length > 0 ? { context: spoken } : {}) },
    digest: migrationDigest(world, input, { standing, migration, inputTree, class: inspection.class }),
    lockFileHash: null,
    schema: async () => null,
  };
};

/** `class`: it may move with what the tables hold, and an approval of a lower one is none of a higher one. */
export interface Digested extends Pick<SavedMigrations, "standing" | "migration" | "inputTree"> {
  readonly class: ChangeClass;
}

/** What a reviewer approves of migrations, as one keyed hash: files in their order, and what `boundTo` names. */
export const migrationDigest = (
  { key }: Pick<World, "key">,
  input: RunInput,
  { standing, migration, inputTree, class: level }: Digested,
): PlanDigest =>
  planDigest({
    plan: readPlan(canonicalJson(planDocument(migration, { judged: false }))),
    engine: { distribution: migration.tool, version: migration.toolVersion ?? "" },
    lockFile: null,
    inputTree,
    variables: { ...boundTo(standing, input), class: level },
    flags: [],
    key,
    ignore: [],
  });

/** Beside the files an approval holds for one database, as its history stands, on one server version, by these settings. */
const boundTo = (
  { target, history }: MigrationStanding,
  { config }: RunInput,
): Readonly<Record<string, string>> => ({
  database: target.place,
  "server-version": String(target.version),
  history: canonicalJson([
    history.table,
    ...history.entries.map(({ rank, script, checksum, success }): Json => [rank, script, checksum, success]),
  ]),
  settings: canonicalJson(JSON.parse(JSON.stringify(config.database ?? null)) as Json),
});

const tell = (
  { log }: Scratch,
  { target, history, migrations, problems, passedOver = [] }: MigrationSummary,
): void => {
  log.line(
    `${target.place}, PostgreSQL ${target.version}, is at ${history.version === null ? "no version yet" : `version ${history.version}`} (${history.table})`,
  );
  for (const one of migrations) {
    log.line(`pending: ${one.script} (${one.class}, statements: ${one.statements}${how(one)})`);
    for (const { line, severity, rule, message } of one.findings)
      log.line(`  ${severity} at line ${line}, ${rule}: ${message}`);
  }
  if (migrations.length === 0) log.line("nothing is pending");
  for (const { path, why } of passedOver) log.line(`passed over: ${path}: ${why}`);
  for (const { message, fix } of problems) log.line(`denied: ${message} ${fix}`);
};

const how = ({ transactional }: MigrationSummary["migrations"][number]): string =>
  transactional === false ? ", without a transaction" : "";
