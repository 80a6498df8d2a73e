import { randomBytes } from "node:crypto";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { quoted } from "../migration/history.ts";
import { PlumblineError } from "../model/errors.ts";
import { serverWords, type Target } from "./pg-session.ts";
import { openTarget } from "./pg-target.ts";
import { openWorkerTarget, WORKER_LIMITS, type WorkerLimits } from "./pg-target-worker.ts";

/**
 * Opens an empty database for `work` and leaves nothing behind: PGlite in memory, or a new one on the given server.
 * @throws `sql-failed` where PGlite is busy with one statement for too long, or needs too much memory
 */
export const withScratch = async <Result>(
  url: string | null,
  work: (scratch: Target) => Promise<Result>,
  limits: Partial<WorkerLimits> = {},
): Promise<Result> => {
  if (url === null || url.startsWith("pglite:"))
    return using(await openWorkerTarget("", { ...WORKER_LIMITS, ...limits }), work);
  const server = await openTarget(url);
  const name = scratchName();
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

/**
 * Opens a copy of the database at the URL, rows and all, for `work`; the copy is dropped afterwards.
 * @throws `database-unavailable` where it cannot be copied, as when somebody else is connected to it
 */
export const withClone = async <Result>(
  url: string,
  work: (clone: Target) => Promise<Result>,
): Promise<Result> =>
  url.startsWith("pglite:")
    ? withClonedFolder(url.slice("pglite:".length), work)
    : withClonedDatabase(url, work);

const withClonedFolder = async <Result>(
  directory: string,
  work: (clone: Target) => Promise<Result>,
): Promise<Result> => {
  const copied = await mkdtemp(join(tmpdir(), "plumbline-rehearsal-"));
  try {
    await cp(directory, copied, { recursive: true });
    return await using(await openWorkerTarget(copied, WORKER_LIMITS), work);
  } finally {
    await rm(copied, { recursive: true, force: true });
  }
};

const withClonedDatabase = async <Result>(
  url: string,
  work: (clone: Target) => Promise<Result>,
): Promise<Result> => {
  const own = new URL(url);
  const original = decodeURIComponent(own.pathname.slice(1));
  const name = scratchName();
  // A database that is copied must have no session, so the copy is ordered from beside it.
  own.pathname = original === "postgres" ? "/template1" : "/postgres";
  const server = await openTarget(own.href);
  try {
    await server.run(`create database ${name} template ${quoted(original)}`).catch((thrown) => {
      throw new PlumblineError(
        "database-unavailable",
        `The rehearsal's database cannot be copied: ${serverWords(thrown).message}.`,
        { hint: "Its user needs CREATEDB and to own it, and nobody else may be connected to it." },
      );
    });
    own.pathname = `/${name}`;
    return await using(await openTarget(own.href), work);
  } finally {
    await server.run(`drop database if exists ${name}`).catch(() => {});
    await server.close();
  }
};

const scratchName = (): string => `plumbline_rehearsal_${randomBytes(6).toString("hex")}`;

const using = async <Result>(target: Target, work: (target: Target) => Promise<Result>): Promise<Result> => {
  try {
    return await work(target);
  } finally {
    await target.close();
  }
};
