import { channelNames } from "../model/alert.ts";
import { DEFAULT_RETENTION } from "../model/config.ts";
import { isSettled, type RunKind } from "../model/run.ts";
import { runOfEvidence } from "./evidence-key.ts";
import { REPLAYS } from "./kept-replays.ts";
import type { World } from "./world.ts";

type Needs = Pick<World, "ledger" | "artifacts" | "clock" | "server" | "files" | "log">;

/** What one pass removed. */
export interface Pruned {
  readonly artifacts: number;
  readonly runs: number;
  readonly findings: number;
  /** Small facts about what ended. */
  readonly facts: number;
}

/**
 * Removes what `retention` says nobody keeps: artifacts by their kind, rows of ended runs and findings, engine folders of
 * workspaces that are gone. It leaves alone what anything still needs (see `RetentionRows.unneeded`), every artifact of a
 * run whose evidence is kept, and what it does not know. The ledger forgets an artifact before the store does.
 */
export const janitor = async (world: Needs): Promise<Pruned> => {
  const kept = { ...DEFAULT_RETENTION, ...world.server.retention };
  const now = world.clock.now().getTime();
  const before = (ms: number): Date => new Date(now - ms);
  // First of all, since what a fact names is kept.
  const facts = await world.ledger.retention.pruneMeta(before(kept.runsMs), before(0));
  const evidence = await pruneEvidence(world, kept.evidenceMs === null ? null : before(kept.evidenceMs));
  const logs = await pruneOf(world, "log", before(kept.logsMs), evidence.runs);
  await world.ledger.retention.forgetLogParts(before(kept.logsMs));
  const plans = await pruneOf(world, "plan", before(kept.plansMs), evidence.runs);
  // What evidence was to be made of; whoever has it needs no draft.
  const drafts = await pruneOf(world, "draft", before(kept.plansMs), new Set());
  let runs = await pruneRuns(world, LOOKING, before(kept.runsMs));
  // The row of an apply is what its evidence speaks of.
  if (kept.evidenceMs !== null)
    runs += await pruneRuns(world, CHANGING, before(Math.max(kept.runsMs, kept.evidenceMs)));
  const findings = await world.ledger.retention.pruneFindings(before(kept.findingsMs));
  await world.ledger.alerts.forget(before(kept.findingsMs), channelNames(world.server.alerts));
  await pruneEngineData(world, before(kept.plansMs));
  const replays = await pruneReplays(world, before(REPLAY_MS));
  const artifacts = evidence.pruned + logs + plans + drafts + replays;
  const pruned = { artifacts, runs, findings, facts };
  if (pruned.artifacts + runs + findings + facts > 0) world.log.info("old records were removed", pruned);
  return pruned;
};

/** A replay counts on the day on which it was made. */
const REPLAY_MS = 48 * 3_600_000;

const LOOKING: readonly RunKind[] = ["plan", "drift", "audit", "codify"];
const CHANGING: readonly RunKind[] = ["apply", "migrate", "state"];
const BATCH = 200;

type Kind = "log" | "plan" | "draft";

/** Which kind of thing an artifact of a run is. A state that could not be saved stays: it may be the only copy. */
const KIND: readonly (readonly [RegExp, Kind])[] = [
  [/^runs\/([^/]+)\/log(?:\.txt|\.json|\/\d+\.txt)$/, "log"],
  [/^runs\/([^/]+)\/reconcile[^/]*(?:\.txt|\.json|\/\d+\.txt)$/, "log"],
  [/^runs\/([^/]+)\/(?:plan|plan\.json|drift-code\.json)$/, "plan"],
  [/^runs\/([^/]+)\/draft\.json$/, "draft"],
];

/** Removes old evidence, where it has an end at all; tells the runs whose evidence stays. */
const pruneEvidence = async (
  { artifacts, ledger }: Needs,
  before: Date | null,
): Promise<{ readonly runs: ReadonlySet<string>; readonly pruned: number }> => {
  const runs = new Set<string>();
  const old = new Map<string, string[]>();
  for await (const { key, writtenAt } of artifacts.list("evidence/")) {
    const run = runOfEvidence(key);
    if (run === undefined) continue;
    if (before !== null && writtenAt < before) old.set(run, [...(old.get(run) ?? []), key]);
    else runs.add(run);
  }
  let pruned = 0;
  for (const some of batches([...old.keys()])) {
    const free = new Set(before === null ? [] : await ledger.retention.unneeded(some, before));
    for (const run of some) {
      // All of a run's evidence goes at once: what the apply said and what a look has found belong together.
      if (!free.has(run) || runs.has(run)) runs.add(run);
      else for (const key of old.get(run) ?? []) pruned += await removed(artifacts, key);
    }
  }
  return { runs, pruned };
};

const pruneReplays = async ({ artifacts }: Needs, before: Date): Promise<number> => {
  const old: string[] = [];
  for await (const { key, writtenAt } of artifacts.list(REPLAYS)) if (writtenAt < before) old.push(key);
  for (const key of old) await artifacts.delete(key);
  return old.length;
};

const removed = async (artifacts: Needs["artifacts"], key: string): Promise<1> => {
  await artifacts.delete(key);
  return 1;
};

const pruneOf = async (
  { artifacts, ledger }: Needs,
  kind: Kind,
  before: Date,
  withEvidence: ReadonlySet<string>,
): Promise<number> => {
  const old = new Map<string, string[]>();
  for await (const { key, writtenAt } of artifacts.list("runs/")) {
    const run = runOf(key, kind);
    if (run === null || writtenAt >= before || withEvidence.has(run)) continue;
    old.set(run, [...(old.get(run) ?? []), key]);
  }
  let pruned = 0;
  for (const some of batches([...old.keys()])) {
    const free = await ledger.retention.unneeded(some, before);
    if (kind === "log") await ledger.retention.forgetLogs(free);
    if (kind === "plan") await ledger.retention.forgetPlans(free);
    for (const key of free.flatMap((run) => old.get(run) ?? [])) pruned += await removed(artifacts, key);
  }
  return pruned;
};

const runOf = (key: string, wanted: Kind): string | null => {
  for (const [pattern, kind] of KIND) {
    const [, run] = kind === wanted ? (pattern.exec(key) ?? []) : [];
    if (run !== undefined) return run;
  }
  return null;
};

const pruneRuns = async ({ ledger }: Needs, kinds: readonly RunKind[], before: Date): Promise<number> => {
  for (let all = 0; ; ) {
    const pruned = await ledger.retention.pruneRuns(kinds, before, BATCH);
    all += pruned;
    if (pruned < BATCH) return all;
  }
};

/** Providers and backend settings of a workspace that left the code; they are fetched again where it returns. */
const pruneEngineData = async ({ ledger, files }: Needs, before: Date): Promise<void> => {
  for (const { key, removedAt, frozen } of await ledger.workspaces.list({ removed: true })) {
    if (frozen || removedAt === null || removedAt >= before) continue;
    const runs = await ledger.runs.list({ workspace: key });
    const busy = runs.some(({ state }) => !isSettled(state) || state === "unknown");
    if (!busy && !(await ledger.leases.get(key))) await files.forgetEngineData(key);
  }
};

const batches = (all: readonly string[]): readonly (readonly string[])[] =>
  Array.from({ length: Math.ceil(all.length / BATCH) }, (_, at) => all.slice(at * BATCH, (at + 1) * BATCH));
