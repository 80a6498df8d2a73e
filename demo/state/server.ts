import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

export interface StateServer {
  readonly url: string;
  /** The next `count` writes answer 500, as a backend that loses its disk would. */
  failWrites(count: number): void;
  close(): Promise<void>;
}

interface Shelf {
  readonly folder: string;
  readonly locks: Map<string, string>;
  failing: number;
}

const NAME = /^\/state\/([a-z0-9-]+)$/;

/** A backend for the engines' `http` type: one file per state, with locks. Loopback only. */
export const startStateServer = async (folder: string): Promise<StateServer> => {
  await mkdir(folder, { recursive: true });
  const shelf: Shelf = { folder, locks: new Map(), failing: 0 };
  const server = createServer((request, response) => {
    answer(shelf, request, response).catch((error: Error) => response.writeHead(500).end(error.message));
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    failWrites: (count) => {
      shelf.failing = count;
    },
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
};

const answer = async (shelf: Shelf, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const name = NAME.exec(new URL(request.url ?? "/", "http://state").pathname)?.[1];
  if (!name) return void response.writeHead(404).end();
  const body = await read(request);
  const file = join(shelf.folder, `${name}.tfstate`);
  switch (request.method) {
    case "GET":
      return sendState(file, response);
    case "POST":
      return keepState(shelf, file, body, response);
    case "DELETE":
      await rm(file, { force: true });
      return void response.writeHead(200).end();
    case "LOCK":
      return lock(shelf, name, body, response);
    case "UNLOCK":
      shelf.locks.delete(name);
      return void response.writeHead(200).end();
    default:
      return void response.writeHead(405).end();
  }
};

const read = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};

const sendState = async (file: string, response: ServerResponse): Promise<void> => {
  const content = await readFile(file).catch(() => null);
  if (content === null) return void response.writeHead(404).end();
  response.writeHead(200, { "content-type": "application/json" }).end(content);
};

const keepState = async (
  shelf: Shelf,
  file: string,
  body: Buffer,
  response: ServerResponse,
): Promise<void> => {
  if (shelf.failing > 0) {
    shelf.failing -= 1;
    return void response.writeHead(500).end("no space left on the demo's disk");
  }
  await writeFile(`${file}.new`, body);
  await rename(`${file}.new`, file);
  response.writeHead(200).end();
};

const lock = (shelf: Shelf, name: string, body: Buffer, response: ServerResponse): void => {
  const holder = shelf.locks.get(name);
  if (holder !== undefined) return void response.writeHead(423).end(holder);
  shelf.locks.set(name, body.toString("utf8"));
  response.writeHead(200).end();
};
