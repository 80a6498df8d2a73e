import { quoted } from "../migration/history.ts";
import { schemaDrift } from "../migration/schema-drift.ts";
import type { SqlParser } from "../migration/script.ts";
import { PlumblineError } from "../model/errors.ts";
import type { Finding } from "../model/finding.ts";
import type { SchemaSnapshot, SchemaStates } from "../model/migration.ts";
import type { KeptReplays } from "../ports/migrations.ts";
import type { HistoryPlace } from "./flyway-history.ts";
import { type Owners, ownersBeside, takeOwners, withoutOwnGrants } from "./pg-owners.ts";
import { copyRoles, type ReplayScript, replay, type ScriptReader, scriptReader } from "./pg-replay.ts";
import { withScratch } from "./pg-scratch.ts";
import type { Target } from "./pg-session.ts";
import { takeSnapshot } from "./pg-snapshot.ts";
import { inWords, rewriteViews, viewsApart } from "./pg-words.ts";
import type { RememberedReplay } from "./replay-kept.ts";
import { recallReplay, rememberReplay, replayKey } from "./replay-memory.ts";

export interface ReplayDrift {
  readonly findings: readonly Finding[];
  readonly states: SchemaStates;
  /** What could not be told; null where all could. */
  readonly note: string | null;
}

export interface Replayed {
  /** The history's table, which no migration makes. */
  readonly place: HistoryPlace;
  readonly schemas: readonly string[];
  /** What the history says was run, in its order, and what is pending after that. */
  readonly recorded: readonly ReplayScript[];
  readonly rest: readonly ReplayScript[];
  /** A repeatable that ran before waits to run again in another text. */
  readonly changedRepeatable: boolean;
}

export interface ReplayHow {
  readonly parse: SqlParser;
  /** A server to replay on; null: in memory. */
  readonly rehearsal: string | null;
  readonly kept?: KeptReplays;
}

/**
 * The live schema beside two replays, on `rehearsal` or in memory.
 * @throws `sql-failed` where something recorded cannot be replayed
 */
export const driftOfReplay = async (
  target: Target,
  replayed: Replayed,
  { parse, rehearsal, kept }: ReplayHow,
): Promise<ReplayDrift> => {
  const { place, schemas, recorded, rest, changedRepeatable } = replayed;
  // What another server makes is asked anew each time: nobody knows what its template holds today.
  const owners = await takeOwners(target, place);
  const inputs = [owners.runner, ...[place, schemas, recorded, rest].map(textsOf)];
  const key = rehearsal === null ? await replayKey(target, inputs) : null;
  const live = takeSnapshot(target, place);
  // What goes wrong is told where it is waited for: a database to replay in starts meanwhile.
  live.catch(() => {});
  const known = key === null ? null : await recallReplay(key, kept);
  if (known && !needsWords(known, await live)) return compared(known, owners, await live, changedRepeatable);
  const reader = scriptReader(parse);
  const work = async (scratch: Target): Promise<ReplayDrift> => {
    const actual = await live;
    const made = await replayOn(scratch, target, replayed, { parse, reader, runner: owners.runner });
    const views = viewsApart(actual, [made.recorded, made.desired]);
    const words = await rewriteViews(scratch, views, [made.recorded, made.desired]);
    for (const [address, text] of words) made.words.set(`${address}\n${views.get(address)}`, text);
    if (key !== null) await rememberReplay(key, made, kept);
    const own = rehearsal === null ? owners : await ownersBeside(owners, scratch);
    return compared(made, own, actual, changedRepeatable);
  };
  const answer = withScratch(rehearsal, work, {
    extensions: [...recorded, ...rest].some(mayCreateExtension),
  });
  reader.ahead(recorded[0] ?? rest[0]);
  return answer;
};

/** Whether the live server has a view in words of which it is not known how the replaying one writes them. */
const needsWords = (known: RememberedReplay, live: SchemaSnapshot): boolean =>
  [...viewsApart(live, [known.recorded, known.desired])].some(
    ([address, text]) => !known.words.has(`${address}\n${text}`),
  );

// What is put together at run time may say anything.
const mayCreateExtension = ({ text }: ReplayScript): boolean => /extension|execute/i.test(text);

const textsOf = (input: unknown): unknown =>
  Array.isArray(input) ? input.map((one) => (one?.text === undefined ? one : [one.path, one.text])) : input;

const compared = (
  { recorded, desired, note, words }: RememberedReplay,
  owners: Owners,
  live: SchemaSnapshot,
  changedRepeatable: boolean,
): ReplayDrift => {
  const apart = viewsApart(live, [recorded, desired]);
  const said = [...apart].map(
    ([address, text]) => [address, words.get(`${address}\n${text}`) ?? text] as const,
  );
  const states = {
    actual: withoutOwnGrants(inWords(live, new Map(said)), owners),
    recorded: withoutOwnGrants(recorded, owners),
    desired: withoutOwnGrants(desired, owners),
    changedRepeatable,
  };
  return { findings: schemaDrift(states), states, note };
};

const replayOn = async (
  scratch: Target,
  target: Target,
  { place, schemas, recorded: done, rest }: Replayed,
  {
    parse,
    reader,
    runner,
  }: { readonly parse: SqlParser; readonly reader: ScriptReader; readonly runner: string | null },
): Promise<RememberedReplay> => {
  await copyRoles(target, scratch, runner);
  for (const schema of schemas)
    if (schema !== "public") await scratch.run(`create schema if not exists ${quoted(schema)}`);
  await replay(scratch, done, place.schema, parse, reader);
  const recorded = await takeSnapshot(scratch, place);
  // A pending file that is broken must not hide what somebody changed by hand.
  const note = await replay(scratch, rest, place.schema, parse, reader).then(() => null, sayPending);
  const desired = note !== null || rest.length === 0 ? recorded : await takeSnapshot(scratch, place);
  return { recorded, desired, note, version: scratch.version, words: new Map() };
};

const sayPending = (thrown: unknown): string => {
  if (!(thrown instanceof PlumblineError) || thrown.code !== "sql-failed") throw thrown;
  return `What pending files would change is not told. ${thrown.message}`;
};
