import { replayOrder } from "../migration/replay-order.ts";
import { schemaDrift } from "../migration/schema-drift.ts";
import type { SqlParser } from "../migration/script.ts";
import { PlumblineError } from "../model/errors.ts";
import type { Finding } from "../model/finding.ts";
import type { SchemaStates } from "../model/migration.ts";
import type { MigrationFolder } from "./flyway-folder.ts";
import { copyRoles, replay } from "./pg-replay.ts";
import { withScratch } from "./pg-scratch.ts";
import type { Target } from "./pg-session.ts";
import { takeSnapshot } from "./pg-snapshot.ts";
import { inWordsOf } from "./pg-words.ts";

export interface FolderDrift {
  readonly findings: readonly Finding[];
  readonly states: SchemaStates;
  /** What could not be told; null where all could. */
  readonly note: string | null;
}

/**
 * The live schema beside a replay of the history and of all files, on `rehearsal` or in memory.
 * @throws `sql-failed` where an applied file cannot be replayed
 */
export const driftOfFolder = async (
  target: Target,
  { place, resolved, standing, history }: MigrationFolder,
  { parse, rehearsal }: { readonly parse: SqlParser; readonly rehearsal: string | null },
): Promise<FolderDrift> => {
  const order = replayOrder(resolved, history ?? [], standing);
  const live = await takeSnapshot(target, place);
  return withScratch(rehearsal, async (scratch) => {
    await copyRoles(target, scratch);
    if (place.schema !== "public")
      await scratch.run(`create schema if not exists ${JSON.stringify(place.schema)}`);
    await replay(scratch, order.recorded, place.schema, parse);
    const recorded = await takeSnapshot(scratch, place);
    // A pending file that is broken must not hide what somebody changed by hand.
    const note = await replay(scratch, order.rest, place.schema, parse).then(() => null, sayPending);
    const desired = note !== null || order.rest.length === 0 ? recorded : await takeSnapshot(scratch, place);
    const actual = await inWordsOf(scratch, target.version, live, [recorded, desired]);
    const states = { actual, recorded, desired, changedRepeatable: order.changedRepeatable };
    return { findings: schemaDrift(states), states, note };
  });
};

const sayPending = (thrown: unknown): string => {
  if (!(thrown instanceof PlumblineError) || thrown.code !== "sql-failed") throw thrown;
  return `What pending files would change is not told. ${thrown.message}`;
};
