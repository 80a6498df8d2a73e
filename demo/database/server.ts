import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { homedir } from "node:os";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { freshImage } from "../../src/adapters/database-seed.ts";
import { greeting, openingOf, splitRequests } from "./wire.ts";

export interface LocalDatabase {
  /** `postgres://...`, for any client; a session waits for its first answer until those before it have ended. */
  readonly url: string;
  close(): Promise<void>;
}

/** A PostgreSQL that nobody has to install: PGlite in memory, on a socket of this machine, one session at a time. */
export const startDatabase = async (name: string): Promise<LocalDatabase> => {
  const image = await freshImage(join(homedir(), ".cache", "plumbline"));
  const pglite = await PGlite.create(image ? { loadDataDir: image } : {});
  const { rows } = await pglite.query<{ server_version: string }>("show server_version");
  const welcome = greeting(rows[0]?.server_version ?? "");
  const sockets = new Set<Socket>();
  let last: Promise<unknown> = Promise.resolve();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    const takeTurn: TakeTurn = (session) => {
      const before = last;
      last = before.then(() => session.ended);
      return before;
    };
    serve(socket, { pglite, welcome, takeTurn });
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  return {
    url: `postgres://postgres@127.0.0.1:${(server.address() as AddressInfo).port}/${name}`,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await ended(server);
      await last;
      await pglite.close();
    },
  };
};

/** Gives what to wait for before the session may begin. */
type TakeTurn = (session: { readonly ended: Promise<void> }) => Promise<unknown>;

interface Served {
  readonly pglite: PGlite;
  readonly welcome: Buffer;
  readonly takeTurn: TakeTurn;
}

const serve = (socket: Socket, { pglite, welcome, takeTurn }: Served): void => {
  let opened = false;
  let rest: Buffer = Buffer.alloc(0);
  let work: Promise<unknown> | null = null;
  const gone = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  const begin = (): Promise<unknown> => takeTurn({ ended: gone.then(() => work).then(() => leave(pglite)) });
  const answer = async (request: Buffer): Promise<void> => {
    if (socket.destroyed) return;
    socket.write(await pglite.execProtocolRaw(request));
  };
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    while (!opened) {
      const opening = openingOf(rest);
      if (opening === null) return;
      rest = rest.subarray(opening.length);
      opened = opening.asks === "session";
      if (opening.asks === "cancel") return void socket.end();
      socket.write(opened ? welcome : "N");
    }
    const { requests, left, isOver } = splitRequests(rest);
    rest = left;
    for (const request of requests) work = (work ?? begin()).then(() => answer(request));
    if (isOver) void Promise.resolve(work).then(() => socket.end());
  });
};

/** The next session finds nothing of this one. */
const leave = async (pglite: PGlite): Promise<void> => {
  await pglite.exec("rollback");
  await pglite.exec("discard all");
};

const ended = (server: Server): Promise<void> => new Promise((done) => void server.close(() => done()));
