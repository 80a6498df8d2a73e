import { join } from "node:path";
import { openTarget } from "../../src/adapters/pg-target.ts";
import { binaries, startServer } from "../contract/databases.ts";
import { folder } from "./world.ts";

/** A database of its own for each test. */
export interface Home {
  readonly name: string;
  readonly missing: boolean;
  start(): Promise<void>;
  fresh(): Promise<string>;
  stop(): Promise<void>;
}

export const embedded: Home = {
  name: "PGlite",
  missing: false,
  start: async () => {},
  fresh: async () => `pglite:${join(folder(), "db")}`,
  stop: async () => {},
};

const servers: { url: string; stop(): Promise<void> }[] = [];
export const server: Home = {
  name: "PostgreSQL (skipped: no server here)",
  missing: binaries() === null,
  start: async () => {
    servers.push(await startServer(binaries() ?? ""));
  },
  fresh: async () => {
    const url = servers[0]?.url ?? "";
    const name = `t${Math.random().toString(36).slice(2)}`;
    const target = await openTarget(url);
    await target.run(`create database ${name}`);
    await target.close();
    return url.replace(/\/postgres$/, `/${name}`);
  },
  stop: async () => {
    await servers.pop()?.stop();
  },
};

/** Rows of one statement, in a session of its own. */
export const rows = async (url: string, text: string) => {
  const target = await openTarget(url);
  try {
    return await target.query(text);
  } finally {
    await target.close();
  }
};
