import { fileURLToPath } from "node:url";
import pg from "pg";
import type { Call } from "../../src/cli/command.ts";
import { sqlMigrate } from "../../src/cli/sql-migrate.ts";
import { databaseRulesOf } from "../../src/config/database-schema.ts";
import type { LocalDatabase } from "../database/server.ts";

const FOLDER = fileURLToPath(new URL("../../workspaces-example/orders-db", import.meta.url));

/** What the service's environment holds for the workspace `orders-db`. */
export const ordersEnv = ({ url }: Pick<LocalDatabase, "url">) => ({
  ORDERS_DB_READ: url,
  ORDERS_DB_MIGRATE: url,
});

const HELD = { env: Object.keys(ordersEnv({ url: "" })) };

/** The operator's word that the workspace may name these variables. */
export const ordersRules = databaseRulesOf([
  { workspaces: ["acme/infra//orders-db*"], read_only: HELD, migration: HELD },
]);

/** Somebody ran the migrations that there are at a terminal, and the shop has sold something since. */
export const fillOrders = async (database: LocalDatabase): Promise<void> => {
  await terminal(database, sqlMigrate, FOLDER);
  await sql(
    database,
    `insert into orders (customer, total)
     select 'customer ' || n % 97, (n % 400) + 0.99 from generate_series(1, 2500) as n`,
  );
  // A server does that by itself; PGlite has nobody who would.
  await sql(database, "analyze orders");
};

/** What a person types into a SQL client. */
export const sql = async <Row extends object>(
  { url }: LocalDatabase,
  text: string,
): Promise<readonly Row[]> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
};

/** A command of `plumbline sql` as a person types it, with `--url`; gives what it prints. */
const terminal = async (
  { url }: LocalDatabase,
  command: (call: Call) => Promise<number>,
  folder: string,
): Promise<readonly string[]> => {
  const out: string[] = [];
  await command({
    args: [folder],
    options: { url },
    json: false,
    env: {},
    cwd: folder,
    readStdin: async () => new Uint8Array(),
    out: (text) => out.push(text),
    err: () => undefined,
    colours: false,
    stopSignal: () => new AbortController().signal,
  });
  return out.join("").trimEnd().split("\n");
};
