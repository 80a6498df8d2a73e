import type { Kysely, Selectable } from "kysely";
import { sql } from "kysely";
import type { Lease, LeaseRows } from "../ports/ledger.ts";
import type { Tables } from "./database-tables.ts";
import { together } from "./ledger-values.ts";

type Row = Selectable<Tables["leases"]>;

export const leaseRows = (kysely: Kysely<Tables>): LeaseRows => ({
  acquire: (workspace, run, holder, now, ttlMs) =>
    together(kysely, async (transaction) => {
      const row = await rowFor(transaction, workspace);
      const held = leaseOf(row);
      if (held && (await isAlive(transaction, held, now))) return { heldBy: held };
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
