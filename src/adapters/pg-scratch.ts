import { randomBytes } from "node:crypto";
import type { Target } from "./pg-session.ts";
import { openTarget } from "./pg-target.ts";

/** Opens an empty database for `work` and leaves nothing behind: PGlite in memory, or a new one on the given server. */
export const withScratch = async <Result>(
  url: string | null,
  work: (scratch: Target) => Promise<Result>,
): Promise<Result> => {
  if (url === null || url.startsWith("pglite:")) return using(await openTarget("pglite:"), work);
  const server = await openTarget(url);
  const name = `plumbline_rehearsal_${randomBytes(6).toString("hex")}`;
  try {
    await server.run(`create database ${name} template template0`);
    const own = new URL(url);
    own.pathname = `/${name}`;
    return await using(await openTarget(own.href), work);
  } finally {
    await server.run(`drop database if exists ${name}`).catch(() => {});
    await server.close();
  }
};

const using = async <Result>(target: Target, work: (target: Target) => Promise<Result>): Promise<Result> => {
  try {
    return await work(target);
  } finally {
    await target.close();
  }
};
