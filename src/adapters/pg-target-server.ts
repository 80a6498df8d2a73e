import pg from "pg";
import { PlumblineError } from "../model/errors.ts";
import type { Target } from "./pg-session.ts";

/** A session on a PostgreSQL server. */
export const openServerTarget = async (url: string): Promise<Target> => {
  const place = placeOf(url);
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    application_name: "plumbline sql",
  });
  // A lost connection fails the statement that waits; without a listener it would end the process.
  client.on("error", () => {});
  try {
    await client.connect();
    const { rows } = await client.query("show server_version_num");
    const version = Math.floor(Number(rows[0]?.server_version_num) / 10_000);
    refuseOld(version, place);
    return {
      place,
      version,
      query: async (text, values = []) => (await client.query(text, [...values])).rows,
      run: async (text) => changedBy(await client.query(text)),
      copy: (text, rows) => copyIn(client, text, rows),
      close: () => client.end().catch(() => {}),
    };
  } catch (thrown) {
    await client.end().catch(() => {});
    if (thrown instanceof PlumblineError) throw thrown;
    const why = thrown instanceof Error ? thrown.message : "no answer";
    throw new PlumblineError(
      "database-unavailable",
      `${place} cannot be reached: ${withoutSecrets(why, url)}.`,
      {
        hint: "Check the URL, that the server is up, and that this user may connect.",
      },
    );
  }
};

const OLDEST = 12;

/** What is asked of catalogues is not in older ones. @throws `database-refused` */
export const refuseOld = (version: number, place: string): void => {
  if (version >= OLDEST) return;
  throw new PlumblineError("database-refused", `${place} is PostgreSQL ${version}.`, {
    hint: `Plumbline works with PostgreSQL ${OLDEST} and newer.`,
  });
};

const placeOf = (url: string): string => {
  try {
    const { hostname, port, pathname, searchParams } = new URL(url);
    const host = hostname || searchParams.get("host") || "localhost";
    return `${host}:${port || searchParams.get("port") || "5432"}${decodeURIComponent(pathname) || "/"}`;
  } catch {
    throw new PlumblineError("wrong-arguments", "--url cannot be read as a URL.", {
      hint: "Characters such as @, / and # in a password are written as %40, %2F and %23.",
    });
  }
};

const withoutSecrets = (text: string, url: string): string => {
  const { password, searchParams } = new URL(url);
  const secrets = [url, password, decodeURIComponent(password), searchParams.get("password") ?? ""];
  return secrets
    .filter((secret) => secret !== "")
    .reduce((left, secret) => left.replaceAll(secret, "***"), text);
};

const CHANGES = ["INSERT", "UPDATE", "DELETE", "MERGE"];

const changedBy = ({ command, rowCount }: Pick<pg.QueryResult, "command" | "rowCount">): number | null =>
  CHANGES.includes(command) ? rowCount : null;

// The driver knows the protocol of COPY, but has no query of its own for it.
const copyIn = (client: pg.Client, text: string, rows: string): Promise<number | null> =>
  new Promise((resolve, reject) => {
    let failed: Error | null = null;
    let copied: number | null = null;
    const submittable = {
      submit: (connection: CopyConnection) => connection.query(text),
      handleCopyInResponse: (connection: CopyConnection) => {
        connection.sendCopyFromChunk(Buffer.from(rows));
        connection.endCopyFrom();
      },
      handleCommandComplete: ({ text: tag }: { readonly text: string }) => {
        copied = Number(tag.split(" ").at(-1));
      },
      handleRowDescription: () => {},
      handleDataRow: () => {},
      handleError: (error: Error) => {
        failed = error;
        reject(error);
      },
      handleReadyForQuery: () => {
        if (failed === null) resolve(copied);
      },
    };
    client.query(submittable as unknown as pg.Submittable);
  });

interface CopyConnection {
  query(text: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}
