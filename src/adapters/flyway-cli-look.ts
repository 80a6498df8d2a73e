import { historyLock } from "../migration/history.ts";
import type { MigrationLook, MigrationStep } from "../model/migration.ts";
import type { MigrationCall, MigrationEngine } from "../ports/migrations.ts";
import { whyAlive } from "./migration-alive.ts";
import type { Target } from "./pg-session.ts";
import { openTarget } from "./pg-target.ts";

/**
 * What became of a file that Flyway ran as a whole: by its process, its sessions, the lock that it holds while it works,
 * and only then, since nothing can come to it any more, by its history row.
 */
export const lookByHistory = async (
  builtin: MigrationEngine,
  call: MigrationCall,
  last: Omit<MigrationStep, "milliseconds">,
): Promise<MigrationLook> => {
  const url = await call.url("migration");
  const alive = await whyWorking(url, call);
  const running = alive !== null;
  const { history } = await builtin.plan({ ...call, url: async () => url });
  const entry = history.entries.findLast(({ script }) => script === last.script) ?? null;
  const told = { running, entry, statements: [] };
  if (entry?.success === true && entry.checksum === last.checksum)
    return { ...told, state: "applied", why: "The history has it as done." };
  if (running) return { ...told, state: "unknown", why: alive };
  if (entry?.success === false)
    return {
      ...told,
      state: "failed-partial",
      why: "The history has it as failed; it ran without a transaction.",
    };
  if (last.transactional === true)
    return {
      ...told,
      state: "failed-clean",
      why: "It runs in one transaction, Flyway and its sessions are gone, nobody holds its lock and the history has no row of it.",
    };
  return {
    ...told,
    state: "unknown",
    why: "It runs without a transaction, and Flyway does not tell which of its statements were done.",
  };
};

const whyWorking = async (url: string, call: MigrationCall): Promise<string | null> => {
  const target = await openTarget(url);
  try {
    const alive = await whyAlive("flyway", call, target);
    if (alive !== null) return alive;
    return (await isLocked(target, call)) ? "Somebody holds Flyway's lock: it may still work." : null;
  } finally {
    await target.close();
  }
};

const isLocked = async (target: Target, { database }: MigrationCall): Promise<boolean> => {
  const [row] = await target.query("select coalesce(current_schema(), 'public') as name");
  const schema = database.schemas[0] ?? String(row?.["name"]);
  const key = BigInt.asUintN(64, historyLock(schema, database.historyTable ?? "flyway_schema_history"));
  const rows = await target.query(
    `select 1 as there from pg_locks where locktype = 'advisory' and objsubid = 1
      and classid::bigint = $1 and objid::bigint = $2
      and database = (select oid from pg_database where datname = current_database())`,
    [String(key >> 32n), String(key & 0xffffffffn)],
  );
  return rows.length > 0;
};
