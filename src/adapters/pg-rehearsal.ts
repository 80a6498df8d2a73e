import type { HistoryRow } from "../migration/history.ts";
import { replayOrder } from "../migration/replay-order.ts";
import type { Migration } from "../migration/resolve.ts";
import { schemaDiff } from "../migration/schema-diff.ts";
import type { SqlParser } from "../migration/script.ts";
import { standingOf } from "../migration/standing.ts";
import type { Backfill } from "../model/backfill.ts";
import type { SchemaSnapshot } from "../model/migration.ts";
import type { Rehearsal, RehearsalRun } from "../model/rehearsal.ts";
import { baselineRows, type MigrationFolder } from "./flyway-folder.ts";
import { readHistory } from "./flyway-history.ts";
import { bringToNow } from "./pg-rehearsal-now.ts";
import {
  type Current,
  prepareStage,
  rehearseCurrent,
  rehearsePart,
  type Stage,
  type StageRequest,
} from "./pg-rehearsal-stage.ts";
import { tableRows } from "./pg-rows.ts";
import { withClone, withScratch } from "./pg-scratch.ts";
import { hidingRows, type Target } from "./pg-session.ts";
import { takeSnapshot } from "./pg-snapshot.ts";
import { openTarget } from "./pg-target.ts";
import { inWordsOf } from "./pg-words.ts";

export interface RehearsalOptions {
  readonly parse: SqlParser;
  /** A copy of production, a server where databases may be made, or null: PGlite. */
  readonly url: string | null;
  /** A file may run without a transaction when only some of its statements refuse one. */
  readonly mixed?: boolean;
  /** No further statement begins after that. */
  readonly timeoutSeconds?: number;
  /** A batch of each is rehearsed after what is pending. */
  readonly backfills?: readonly Backfill[];
}

/**
 * Runs what is pending on the schema that the target has now, and every migration on an empty database; both are gone
 * afterwards. A migration that fails is part of the answer. @throws `database-unavailable`
 */
export const rehearse = async (
  target: Target,
  { place, resolved, history, baseline, standing }: MigrationFolder,
  { parse, url, mixed = false, timeoutSeconds = Number.POSITIVE_INFINITY, backfills = [] }: RehearsalOptions,
): Promise<Rehearsal> => {
  const began = performance.now();
  const until = began + timeoutSeconds * 1000;
  const request: RehearsalRequest = {
    ...{ target, place, resolved, parse, mixed, url, until, pending: standing.pending, backfills },
    history: history ?? baselineRows(baseline),
  };
  const copied = url !== null && (await isCopy(url, request));
  const told = copied ? await onCopy(request, url) : await onSchema(request);
  return { ...told, milliseconds: Math.round(performance.now() - began) };
};

interface RehearsalRequest extends StageRequest {
  /** The live database, in a session that only reads. */
  readonly target: Target;
  /** By rank. */
  readonly history: readonly HistoryRow[];
  readonly pending: readonly Migration[];
  readonly url: string | null;
}

type Told = Omit<Rehearsal, "milliseconds">;

// A database with a history of its own is a copy of one that was migrated.
const isCopy = async (url: string, { place }: StageRequest): Promise<boolean> => {
  if (url === "pglite:") return false;
  const target = await openTarget(url);
  try {
    return ((await readHistory(target, place)) ?? []).length > 0;
  } finally {
    await target.close();
  }
};

const onCopy = (request: RehearsalRequest, url: string): Promise<Told> =>
  withClone(url, async (scratch) => {
    const history = (await readHistory(scratch, request.place)) ?? [];
    const { pending, version } = standingOf(request.resolved, history, { outOfOrder: true });
    const rows = await tableRows(scratch);
    const current = await rehearseCurrent({ ...request, scratch: hidingRows(scratch) }, pending);
    const empty = await withScratch(url, async (second) => {
      const stage = { ...request, scratch: second };
      await prepareStage(stage, request.target);
      return rehearsePart(stage, everything(request));
    });
    const live = standingOf(request.resolved, request.history, { outOfOrder: true }).version;
    const behind = `The copy is at version ${version ?? "none"}, the target at ${live ?? "none"}.`;
    return { server: scratch, copy: { rows }, ...current, empty, notes: version === live ? [] : [behind] };
  }).then(({ server: { place, version }, ...told }) => ({ server: { place, version }, ...told }));

interface Road {
  readonly live: SchemaSnapshot;
  /** What the history says was run, in its order. */
  readonly recorded: readonly Migration[];
  /** What would run on an empty database. */
  readonly whole: readonly Migration[];
}

const onSchema = async (request: RehearsalRequest): Promise<Told> => {
  const live = await takeSnapshot(request.target, request.place);
  const { recorded } = replayOrder(request.resolved, request.history, request);
  const road = { live, recorded, whole: everything(request) };
  return withScratch(request.url, async (scratch) => {
    const stage = { ...request, scratch };
    await prepareStage(stage, request.target);
    const server = { place: scratch.place, version: scratch.version };
    const { empty, current } = await fromEmpty(stage, request, road);
    if (current !== null) return { server, copy: null, ...current, empty, notes: [] };
    const now = await withScratch(request.url, (second) =>
      fromNow({ ...request, scratch: second }, request, road),
    );
    return { server, copy: null, ...now, empty };
  });
};

const everything = ({ resolved }: StageRequest): readonly Migration[] =>
  standingOf(resolved, [], { outOfOrder: true }).pending;

// Where the way from empty leads through the live schema, what is pending is told from there.
const fromEmpty = async (
  stage: Stage,
  { target, place, pending }: RehearsalRequest,
  { live, recorded, whole }: Road,
): Promise<{ readonly empty: RehearsalRun; readonly current: Current | null }> => {
  const way = [...recorded, ...pending];
  const straight = way.length === whole.length && way.every(({ path }, index) => path === whole[index]?.path);
  if (!straight) return { empty: await rehearsePart(stage, whole), current: null };
  const past = await rehearsePart(stage, recorded);
  if (past.failure) return { empty: past, current: null };
  const replayed = await takeSnapshot(stage.scratch, place);
  const actual = await inWordsOf(stage.scratch, target.version, live, [replayed]);
  if (schemaDiff(actual, replayed).length > 0)
    return { empty: joined(past, await rehearsePart(stage, pending)), current: null };
  const current = await rehearseCurrent(stage, pending);
  return { empty: joined(past, current.current), current };
};

const joined = (first: RehearsalRun, second: RehearsalRun): RehearsalRun => ({
  migrations: [...first.migrations, ...second.migrations],
  failure: first.failure ?? second.failure,
});

const fromNow = async (
  stage: Stage,
  request: RehearsalRequest,
  { live, recorded }: Road,
): Promise<Current & { readonly notes: readonly string[] }> => {
  await prepareStage(stage, request.target);
  const { failure, notes } = await bringToNow(stage, { ...request, live, recorded });
  if (failure) return { current: { migrations: [], failure }, diff: [], again: null, notes };
  return { ...(await rehearseCurrent(stage, request.pending)), notes };
};
