import type { Kysely, Selectable } from "kysely";
import { sql } from "kysely";
import type { Held, Lease, LeaseRoom, LeaseRows } from "../ports/ledger-leases.ts";
import type { Tables } from "./database-tables.ts";
import { together } from "./ledger-values.ts";

type Row = Selectable<Tables["leases"]>;

export const leaseRows = (kysely: Kysely<Tables>): LeaseRows => ({
  acquire: (workspace, run, holder, now, ttlMs, rooms = []) =>
    together(kysely, async (transaction) => {
      const row = await rowFor(transaction, workspace);
      const held = leaseOf(row);
      if (held && (await isAlive(transaction, held, now))) return { heldBy: held };
      const full = await fullRoom(transaction, rooms, { workspace, run, now });
      if (full) return full;
      const values = { token: row.token + 1, run, holder, expires_at: new Date(now.getTime() + ttlMs) };
      await transaction.updateTable("leases").set(values).where("workspace", "=", workspace).execute();
      return { workspace, run, holder, token: values.token, expiresAt: values.expires_at };
    }),
  heartbeat: async (lease, now, ttlMs) => {
    const rows = await kysely
      .updateTable("leases")
      .set({ expires_at: new Date(now.getTime() + ttlMs) })
      .where("workspace", "=", lease.workspace)
      .where("token", "=", lease.token)
      .where("run", "is not", null)
      .returning("token")
      .execute();
    return rows.length > 0;
  },
  release: async (lease) => {
    await kysely
      .updateTable("leases")
      .set({ run: null, holder: null, expires_at: null })
      .where("workspace", "=", lease.workspace)
      .where("token", "=", lease.token)
      .execute();
  },
  handOver: async ({ workspace, token }, holder) => {
    await kysely
      .updateTable("leases")
      .set({ holder })
      .where("workspace", "=", workspace)
      .where("token", "=", token)
      .where("run", "is not", null)
      .execute();
  },
  get: async (workspace) => {
    const query = kysely.selectFrom("leases").selectAll().where("workspace", "=", workspace);
    const row = await query.executeTakeFirst();
    return row ? leaseOf(row) : null;
  },
  heldBy: async (holder) => {
    const rows = await kysely
      .selectFrom("leases")
      .selectAll()
      .where("holder", "=", holder)
      .orderBy("workspace")
      .execute();
    return rows.flatMap((row) => leaseOf(row) ?? []);
  },
});

/** The workspace's row, made where it is missing, and locked until the transaction ends. */
const rowFor = async (transaction: Kysely<Tables>, workspace: string): Promise<Row> => {
  await transaction
    .insertInto("leases")
    .values({ workspace, token: 0 })
    .onConflict((conflict) => conflict.column("workspace").doNothing())
    .execute();
  return transaction
    .selectFrom("leases")
    .selectAll()
    .where("workspace", "=", workspace)
    .forUpdate()
    .executeTakeFirstOrThrow();
};

/**
 * The first account without a place for the run. Whoever asks for a place in an account waits for whoever asked before,
 * so that two replicas never count the same free place.
 */
const fullRoom = async (
  transaction: Kysely<Tables>,
  rooms: readonly LeaseRoom[],
  { workspace, run, now }: { readonly workspace: string; readonly run: string; readonly now: Date },
): Promise<Held | null> => {
  const mine = rooms
    .filter((room) => room.covers(workspace))
    .toSorted((left, right) => (left.account < right.account ? -1 : 1));
  if (mine.length === 0) return null;
  const kind = await transaction.selectFrom("runs").select("kind").where("id", "=", run).executeTakeFirst();
  const applies = kind?.kind === "apply";
  for (const { account, covers, most } of mine) {
    const limit = most(applies);
    if (limit === null) continue;
    await sql`select pg_advisory_xact_lock(hashtextextended(${`plumbline account ${account}`}, 0))`.execute(
      transaction,
    );
    const others = (await atWork(transaction, applies, now)).filter(
      (lease) => lease.workspace !== workspace && covers(lease.workspace),
    );
    const [first] = others;
    if (first && others.length >= limit) return { heldBy: first, account };
  }
  return null;
};

/** Leases under which something runs now; a run in doubt keeps its workspace, but no place. */
const atWork = async (
  transaction: Kysely<Tables>,
  applies: boolean,
  now: Date,
): Promise<readonly Lease[]> => {
  const rows = await transaction
    .selectFrom("leases")
    .innerJoin("runs", "runs.id", "leases.run")
    .selectAll("leases")
    .where("runs.kind", applies ? "=" : "!=", "apply")
    .where((where) =>
      where.or([
        where("leases.expires_at", ">", now),
        where("runs.state", "in", ["apply-started", "verifying"]),
      ]),
    )
    .where("runs.state", "!=", "unknown")
    .orderBy("leases.workspace")
    .execute();
  return rows.flatMap((row) => leaseOf(row) ?? []);
};

const leaseOf = ({ workspace, token, run, holder, expires_at }: Row): Lease | null =>
  run === null || holder === null || expires_at === null
    ? null
    : { workspace, run, holder, token, expiresAt: expires_at };

/** Time alone never takes a workspace from a run that may have touched the cloud. */
const isAlive = async (transaction: Kysely<Tables>, lease: Lease, now: Date): Promise<boolean> => {
  if (lease.expiresAt > now) return true;
  const { rows } = await sql`select 1 from runs where id = ${lease.run}
    and state in ('apply-started', 'verifying', 'unknown') for share`.execute(transaction);
  return rows.length > 0;
};
