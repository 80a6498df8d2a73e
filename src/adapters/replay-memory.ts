import { createHash } from "node:crypto";
import type { SchemaSnapshot } from "../model/migration.ts";
import type { Target } from "./pg-session.ts";

/** What a replay on PGlite made; the same files make the same again. */
export interface RememberedReplay {
  readonly recorded: SchemaSnapshot;
  readonly desired: SchemaSnapshot;
  readonly note: string | null;
  /** Major version of the server that replayed. */
  readonly version: number;
  /** Views of the live server as the replaying one writes them: `address`, line feed, live text -> its text. */
  readonly words: Map<string, string>;
}

// The schedule asks for the same databases again and again; thousands of tables take seconds to replay.
const remembered = new Map<string, RememberedReplay>();
const MOST = 16;

export const recallReplay = (key: string): RememberedReplay | null => {
  const found = remembered.get(key);
  if (!found) return null;
  remembered.delete(key);
  remembered.set(key, found);
  return found;
};

export const rememberReplay = (key: string, replay: RememberedReplay): void => {
  remembered.set(key, replay);
  const [oldest] = remembered.keys();
  if (remembered.size > MOST && oldest !== undefined) remembered.delete(oldest);
};

/** Everything that a replay depends on; the day too, since a migration may ask for it. */
export const replayKey = async (target: Target, inputs: unknown): Promise<string> => {
  const roles = await target.query(
    "select coalesce(string_agg(rolname::text, ',' order by rolname), '') as names from pg_roles",
  );
  const day = new Date().toISOString().slice(0, 10);
  return createHash("sha256")
    .update(JSON.stringify([day, roles[0]?.["names"], inputs]))
    .digest("hex");
};
