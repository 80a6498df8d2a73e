import { replayOrder } from "../migration/replay-order.ts";
import type { MigrationFolder } from "./flyway-folder.ts";
import type { Target } from "./pg-session.ts";
import { driftOfReplay, type ReplayDrift, type ReplayHow } from "./replay-drift.ts";

/**
 * The live schema beside a replay of the history and of all files, on `rehearsal` or in memory.
 * @throws `sql-failed` where an applied file cannot be replayed
 */
export const driftOfFolder = (
  target: Target,
  { place, schemas, resolved, standing, history }: MigrationFolder,
  how: ReplayHow,
): Promise<ReplayDrift> =>
  driftOfReplay(target, { place, schemas, ...replayOrder(resolved, history ?? [], standing) }, how);
