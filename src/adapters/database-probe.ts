import { PlumblineError } from "../model/errors.ts";

/** Version of the PostgreSQL server behind a URL; nothing is written there. Throws `database-unavailable`. */
export const probeDatabase = async (url: string): Promise<string> => {
  const { default: pg } = await import("pg");
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 5_000,
    query_timeout: 5_000,
  });
  client.on("error", () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ server_version: string }>("show server_version");
    return rows[0]?.server_version ?? "unknown";
  } catch (failure) {
    throw new PlumblineError("database-unavailable", "The database does not answer.", { cause: failure });
  } finally {
    await client.end().catch(() => {});
  }
};
