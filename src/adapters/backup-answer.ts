import { createHmac, timingSafeEqual } from "node:crypto";
import { chmod, type FileHandle, mkdir, open, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { z } from "zod";
import { asPlumblineError } from "../model/errors.ts";
import type { Log } from "../ports/log.ts";
import type { SealedStore } from "./artifacts-sealed.ts";
import { type BackupDone, type BackupFacts, streamBackup } from "./backup-create.ts";
import type { Sink } from "./backup-file.ts";
import type { Database } from "./database.ts";

/** Where the process that owns an embedded database answers; who may enter the data folder may ask. */
export const backupSocket = (dataDir: string): string => join(dataDir, "control", "backup.sock");

/** Shows that who asks for the keys has them already, also where they do not lie in the data folder. */
export const keyProof = (key: Uint8Array): string =>
  createHmac("sha256", key).update("plumbline backup with keys").digest("hex");

/** The trailer that tells what was written; without it nothing of the answer counts. */
export const DONE_TRAILER = "plumbline-backup";

interface Served {
  readonly dataDir: string;
  readonly database: Database;
  readonly store: SealedStore;
  readonly log: Log;
  facts(): Promise<Omit<BackupFacts, "withKey">>;
}

/**
 * Gives `plumbline backup create` the records of a service whose database no other process may open. A data folder that
 * takes no socket (a path of more than about 100 bytes, some network file systems) costs the backup of a running service
 * and no more; the log says so.
 */
export const answerBackups = async (served: Served): Promise<{ close(): Promise<void> }> => {
  const path = backupSocket(served.dataDir);
  const server = createServer((request, response) => {
    // Whoever asked may be gone; what is written after that fails by itself.
    response.on("error", () => {});
    answer(served, request, response).catch((error: unknown) => {
      served.log.warn("a backup was broken off", { error });
      if (response.headersSent) response.destroy();
      else response.writeHead(500).end(asPlumblineError(error).message);
    });
  });
  try {
    await prepareFolder(join(served.dataDir, "control"), path);
    await new Promise<void>((ready, failed) => {
      server.once("error", failed).listen(path, ready);
    });
  } catch (error) {
    served.log.warn("no backup can be made while this service runs: its data folder takes no socket", {
      error,
    });
    return { close: async () => {} };
  }
  return {
    close: async () => {
      await new Promise<void>((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      });
      await rm(path, { force: true });
    },
  };
};

/** The folder, not the socket, keeps others out: it is closed before the socket appears in it. */
const prepareFolder = async (folder: string, socket: string): Promise<void> => {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
  // Whoever left it is dead: the database belongs to this process.
  await rm(socket, { force: true });
};

const wish = z.strictObject({ keyProof: z.string().nullable() });

const answer = async (served: Served, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  if (request.method !== "POST" || request.url !== "/backup") return void response.writeHead(404).end();
  const asked = wish.safeParse(await json(request).catch(() => null));
  if (!asked.success) return void response.writeHead(400).end("This is no request for a backup.");
  const facts = await served.facts();
  const withKey = asked.data.keyProof !== null;
  if (withKey && !isProof(asked.data.keyProof ?? "", facts.keys[0]))
    return void response.writeHead(403).end("The keys of this command are not those of the running service.");
  response.writeHead(200, { "content-type": "application/octet-stream", trailer: DONE_TRAILER });
  const done = await streamed(served, { ...facts, withKey }, response);
  response.addTrailers({ [DONE_TRAILER]: JSON.stringify(done) });
  response.end();
};

const isProof = (given: string, key: Uint8Array | undefined): boolean => {
  const proof = Buffer.from(key ? keyProof(key) : "");
  const said = Buffer.from(given);
  return key !== undefined && said.byteLength === proof.byteLength && timingSafeEqual(said, proof);
};

/**
 * The rows go to a file first and to the reader after: while they are read nobody else uses the one connection, and a
 * slow reader must not hold up the service. The artifacts need no such care.
 */
const streamed = async (served: Served, facts: BackupFacts, out: ServerResponse): Promise<BackupDone> => {
  const path = join(served.dataDir, "control", `rows-${process.pid}-${Date.now()}`);
  const spool = await open(path, "wx+", 0o600);
  try {
    // It has a name no longer, so that nothing is left where the process dies.
    await rm(path);
    return await streamBackup(served, sluice(spool, out), facts);
  } finally {
    await spool.close();
  }
};

const sluice = (spool: FileHandle, out: ServerResponse): Sink & { rowsDone(): Promise<void> } => {
  let isOpen = false;
  return {
    write: async (content) => {
      if (isOpen) await written(out, content);
      else await spool.writeFile(content);
    },
    rowsDone: async () => {
      isOpen = true;
      for await (const chunk of spool.createReadStream({ start: 0, autoClose: false }))
        await written(out, chunk as Uint8Array);
    },
  };
};

const written = (out: ServerResponse, content: Uint8Array): Promise<void> =>
  new Promise((done, failed) => {
    out.write(content, (failure) => (failure ? failed(failure) : done()));
  });
