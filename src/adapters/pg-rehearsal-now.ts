import { schemaDiff } from "../migration/schema-diff.ts";
import { writeSchemaChange } from "../migration/write-change.ts";
import type { SchemaSnapshot } from "../model/migration.ts";
import type { RehearsalFailure } from "../model/rehearsal.ts";
import type { HistoryPlace } from "./flyway-history.ts";
import { type Owners, withoutOwnGrants } from "./pg-owners.ts";
import { failureOf } from "./pg-rehearsal-failure.ts";
import type { Stage } from "./pg-rehearsal-stage.ts";
import { replay } from "./pg-replay.ts";
import type { Target } from "./pg-session.ts";
import { takeSnapshot } from "./pg-snapshot.ts";
import { inWordsOf } from "./pg-words.ts";

/** The target's schema, without what owners have anyway. */
export interface Live {
  readonly schema: SchemaSnapshot;
  readonly owners: Owners;
}

/** Brings a prepared database to the schema and the history that the target has; notes say what is not like there. */
export const bringToNow = async (
  { scratch, folder, parse }: Stage,
  live: Live,
): Promise<{ readonly failure: RehearsalFailure | null; readonly notes: readonly string[] }> => {
  const { place, recorded } = folder;
  const failure = await replay(scratch, recorded, place.schema, parse).then(() => null, failureOf);
  if (failure) return { failure, notes: [NOT_REPLAYED] };
  await folder.remember(scratch);
  return { failure: null, notes: await bridge(scratch, place, live) };
};

/** Makes what was changed by hand, and says what could not be made. */
const bridge = async (scratch: Target, place: HistoryPlace, live: Live): Promise<readonly string[]> => {
  const taken = async () => withoutOwnGrants(await takeSnapshot(scratch, place), live.owners);
  const replayed = await taken();
  const actual = await inWordsOf(scratch, live.schema, [replayed]);
  if (schemaDiff(replayed, actual).length === 0) return [];
  const { statements } = writeSchemaChange(replayed, actual, { version: scratch.version });
  await runAll(
    scratch,
    statements.map(({ sql }) => sql),
  );
  const [first, ...more] = schemaDiff(await inWordsOf(scratch, await taken(), [actual]), actual);
  if (!first) return [];
  const others = more.length === 0 ? "" : `, and ${more.length} more`;
  const what = `${first.address}${first.text === "" ? "" : ` ${first.text}`} (${first.what})`;
  return [
    `The live schema differs from what its history explains, and the rehearsal lacks that: ${what}${others}.`,
  ];
};

const AT_ONCE = 200;

// Hundreds in one go take half the time; where one is refused they are taken back, and each is tried alone.
const runAll = async (scratch: Target, statements: readonly string[]): Promise<void> => {
  for (let from = 0; from < statements.length; from += AT_ONCE) {
    const some = statements.slice(from, from + AT_ONCE);
    try {
      await scratch.run(some.join("\n;\n"));
    } catch {
      for (const sql of some) await scratch.run(sql).catch(() => {});
    }
  }
};

const NOT_REPLAYED =
  "An applied file cannot be replayed: give a rehearsal URL, a server of the target's version with the same extensions.";
