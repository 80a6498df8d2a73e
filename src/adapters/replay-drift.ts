import { quoted } from "../migration/history.ts";
import { schemaDrift } from "../migration/schema-drift.ts";
import type { SqlParser } from "../migration/script.ts";
import { PlumblineError } from "../model/errors.ts";
import type { Finding } from "../model/finding.ts";
import type { SchemaSnapshot, SchemaStates } from "../model/migration.ts";
import type { HistoryPlace } from "./flyway-history.ts";
import { copyRoles, type ReplayScript, replay } from "./pg-replay.ts";
import { withScratch } from "./pg-scratch.ts";
import type { Target } from "./pg-session.ts";
import { takeSnapshot } from "./pg-snapshot.ts";
import { inWords, rewriteViews, viewsApart } from "./pg-words.ts";
import { type RememberedReplay, recallReplay, rememberReplay, replayKey } from "./replay-memory.ts";

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

/**
 * The live schema beside two replays, on `rehearsal` or in memory.
 * @throws `sql-failed` where something recorded cannot be replayed
 */
export const driftOfReplay = async (
  target: Target,
  replayed: Replayed,
  { parse, rehearsal }: { readonly parse: SqlParser; readonly rehearsal: string | null },
): Promise<ReplayDrift> => {
  const { place, schemas, recorded, rest, changedRepeatable } = replayed;
  // What another server makes is asked anew each time: nobody knows what its template holds today.
  const key =
    rehearsal === null ? await replayKey(target, [place, schemas, recorded, rest].map(textsOf)) : null;
  const live = await takeSnapshot(target, place);
  const known = key === null ? null : recallReplay(key);
  const apart = known ? viewsApart(live, [known.recorded, known.desired]) : new Map<string, string>();
  const told = [...apart].every(([address, text]) => known?.words.has(`${address}\n${text}`));
  if (known && (told || known.version === target.version))
    return compared(known, target, live, changedRepeatable);
  return withScratch(rehearsal, async (scratch) => {
    const made = await replayOn(scratch, target, replayed, parse);
    const views = viewsApart(live, [made.recorded, made.desired]);
    const words = scratch.version === target.version ? new Map() : await rewriteViews(scratch, views);
    for (const [address, text] of words) made.words.set(`${address}\n${views.get(address)}`, text);
    if (key !== null) rememberReplay(key, made);
    return compared(made, target, live, changedRepeatable);
  });
};

const textsOf = (input: unknown): unknown =>
  Array.isArray(input) ? input.map((one) => (one?.text === undefined ? one : [one.path, one.text])) : input;

const compared = (
  { recorded, desired, note, version, words }: RememberedReplay,
  target: Target,
  live: SchemaSnapshot,
  changedRepeatable: boolean,
): ReplayDrift => {
  const apart = version === target.version ? [] : [...viewsApart(live, [recorded, desired])];
  const said = apart.map(([address, text]) => [address, words.get(`${address}\n${text}`) ?? text] as const);
  const states = { actual: inWords(live, new Map(said)), recorded, desired, changedRepeatable };
  return { findings: schemaDrift(states), states, note };
};

const replayOn = async (
  scratch: Target,
  target: Target,
  { place, schemas, recorded: done, rest }: Replayed,
  parse: SqlParser,
): Promise<RememberedReplay> => {
  await copyRoles(target, scratch);
  for (const schema of schemas)
    if (schema !== "public") await scratch.run(`create schema if not exists ${quoted(schema)}`);
  await replay(scratch, done, place.schema, parse);
  const recorded = await takeSnapshot(scratch, place);
  // A pending file that is broken must not hide what somebody changed by hand.
  const note = await replay(scratch, rest, place.schema, parse).then(() => null, sayPending);
  const desired = note !== null || rest.length === 0 ? recorded : await takeSnapshot(scratch, place);
  return { recorded, desired, note, version: scratch.version, words: new Map() };
};

const sayPending = (thrown: unknown): string => {
  if (!(thrown instanceof PlumblineError) || thrown.code !== "sql-failed") throw thrown;
  return `What pending files would change is not told. ${thrown.message}`;
};
