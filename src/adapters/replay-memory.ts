import { createHash } from "node:crypto";
import type { KeptReplays } from "../ports/migrations.ts";
import { pgliteVersion } from "./database-seed.ts";
import type { Target } from "./pg-session.ts";
import { SNAPSHOT_QUERIES } from "./pg-snapshot-queries.ts";
import { type RememberedReplay, readReplay, writeReplay } from "./replay-kept.ts";

// The schedule asks for the same databases again and again; thousands of tables take seconds to replay.
const remembered = new Map<string, RememberedReplay>();
const MOST = 16;

/** What this process remembers, or an earlier one kept. */
export const recallReplay = async (key: string, kept?: KeptReplays): Promise<RememberedReplay | null> => {
  const content = remembered.has(key) ? null : await kept?.recall(key);
  const found = remembered.get(key) ?? (content ? await readReplay(key, content) : null);
  if (found) put(key, found);
  return found;
};

/** Why pending files could not be replayed may lie in this hour's load, so that it is not kept beyond this process. */
export const rememberReplay = async (
  key: string,
  replay: RememberedReplay,
  kept?: KeptReplays,
): Promise<void> => {
  put(key, replay);
  if (kept && replay.note === null) await kept.keep(key, await writeReplay(key, replay));
};

const put = (key: string, replay: RememberedReplay): void => {
  remembered.delete(key);
  remembered.set(key, replay);
  const [oldest] = remembered.keys();
  if (remembered.size > MOST && oldest !== undefined) remembered.delete(oldest);
};

/** Raised where replays are made, or looked at, in another way than before. */
const WAY = 2;

/** Everything that a replay depends on; the day too, since a migration may ask for it. */
export const replayKey = async (target: Target, inputs: unknown): Promise<string> => {
  const roles = await target.query(
    "select coalesce(string_agg(rolname::text, ',' order by rolname), '') as names from pg_roles",
  );
  const day = new Date().toISOString().slice(0, 10);
  const here = [WAY, pgliteVersion(), SNAPSHOT_QUERIES];
  return createHash("sha256")
    .update(JSON.stringify([here, target.version, day, roles[0]?.["names"], inputs]))
    .digest("hex");
};
