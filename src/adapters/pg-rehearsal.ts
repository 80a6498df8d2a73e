import { schemaDiff } from "../migration/schema-diff.ts";
import type { SqlParser } from "../migration/script.ts";
import type { Backfill } from "../model/backfill.ts";
import type { Rehearsal, RehearsalRun } from "../model/rehearsal.ts";
import { takeOwners, withoutOwnGrants } from "./pg-owners.ts";
import type { RehearsedFolder } from "./pg-rehearsal-folder.ts";
import { bringToNow, type Live } from "./pg-rehearsal-now.ts";
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
  folder: RehearsedFolder,
  { parse, url, timeoutSeconds = Number.POSITIVE_INFINITY, backfills = [] }: RehearsalOptions,
): Promise<Rehearsal> => {
  const began = performance.now();
  const until = began + timeoutSeconds * 1000;
  const request: RehearsalRequest = { target, folder, parse, url, until, backfills };
  const copied = url !== null && (await isCopy(url, folder));
  const told = copied ? await onCopy(request, url) : await onSchema(request);
  const gaps = folder.gaps.length === 0 ? {} : { gaps: folder.gaps };
  return { ...told, ...gaps, milliseconds: Math.round(performance.now() - began) };
};

interface RehearsalRequest extends StageRequest {
  /** The live database, in a session that only reads. */
  readonly target: Target;
  readonly url: string | null;
}

type Told = Omit<Rehearsal, "milliseconds">;

// A database with a history of its own is a copy of one that was migrated.
const isCopy = async (url: string, folder: RehearsedFolder): Promise<boolean> => {
  if (url === "pglite:") return false;
  const target = await openTarget(url);
  try {
    return await folder.hasHistory(target);
  } finally {
    await target.close();
  }
};

const onCopy = (request: RehearsalRequest, url: string): Promise<Told> =>
  withClone(url, async (scratch) => {
    const { folder, target } = request;
    const { pending, version } = await folder.standing(scratch);
    const rows = await tableRows(scratch);
    const current = await rehearseCurrent({ ...request, scratch: hidingRows(scratch) }, pending);
    const empty = await withScratch(url, async (second) => {
      const stage = { ...request, scratch: second };
      await prepareStage(stage, target);
      return rehearsePart(stage, folder.whole);
    });
    const live = folder.version;
    const behind = `The copy is at version ${version ?? "none"}, the target at ${live ?? "none"}.`;
    return { server: scratch, copy: { rows }, ...current, empty, notes: version === live ? [] : [behind] };
  }).then(({ server: { place, version }, ...told }) => ({ server: { place, version }, ...told }));

const onSchema = async (request: RehearsalRequest): Promise<Told> => {
  const { target, folder } = request;
  const owners = await takeOwners(target, folder.place);
  const live = { schema: withoutOwnGrants(await takeSnapshot(target, folder.place), owners), owners };
  return withScratch(request.url, async (scratch) => {
    const stage = { ...request, scratch };
    await prepareStage(stage, request.target);
    const server = { place: scratch.place, version: scratch.version };
    const { empty, current } = await fromEmpty(stage, request, live);
    if (current !== null) return { server, copy: null, ...current, empty, notes: [] };
    const now = await withScratch(request.url, (second) =>
      fromNow({ ...request, scratch: second }, request, live),
    );
    return { server, copy: null, ...now, empty };
  });
};

// Where the way from empty leads through the live schema, what is pending is told from there.
const fromEmpty = async (
  stage: Stage,
  { folder: { place, recorded, pending, whole } }: RehearsalRequest,
  live: Live,
): Promise<{ readonly empty: RehearsalRun; readonly current: Current | null }> => {
  const way = [...recorded, ...pending];
  const straight = way.length === whole.length && way.every(({ path }, index) => path === whole[index]?.path);
  if (!straight) return { empty: await rehearsePart(stage, whole), current: null };
  const past = await rehearsePart(stage, whole.slice(0, recorded.length));
  if (past.failure) return { empty: past, current: null };
  const replayed = withoutOwnGrants(await takeSnapshot(stage.scratch, place), live.owners);
  const actual = await inWordsOf(stage.scratch, live.schema, [replayed]);
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
  { target, folder: { pending } }: RehearsalRequest,
  live: Live,
): Promise<Current & { readonly notes: readonly string[] }> => {
  await prepareStage(stage, target);
  const { failure, notes } = await bringToNow(stage, live);
  if (failure) return { current: { migrations: [], failure }, diff: [], again: null, notes };
  return { ...(await rehearseCurrent(stage, pending)), notes };
};
