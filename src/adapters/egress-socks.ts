import { createServer, type Server, type Socket } from "node:net";
import { isAllowed } from "./egress-allowed.ts";
import { tunnel } from "./egress-proxy.ts";

/**
 * A SOCKS 5 proxy (RFC 1928) that knows CONNECT alone, and that to listed `HOST:PORT`s. What is listed is the operator's
 * own database, so it may lie near. Every refusal is told to the caller.
 */
export const egressSocks = (allowed: readonly string[], refused: (place: string) => void): Server =>
  createServer((client) => {
    client.on("error", () => client.destroy());
    const phase = { greeted: false, read: Buffer.alloc(0) };
    const take = (chunk: Buffer): void => {
      phase.read = Buffer.concat([phase.read, chunk]);
      if (!phase.greeted) phase.greeted = greet(client, phase);
      const asked = phase.greeted ? requestIn(phase.read) : null;
      if (asked === null) return void (phase.read.length > MOST && client.destroy());
      client.off("data", take);
      client.pause();
      open(client, asked, { allowed, refused });
    };
    client.on("data", take);
  });

/** A request: 4 bytes, a name of up to 255 behind its length, 2 bytes of a port. */
const MOST = 1024;
const [VERSION, CONNECT] = [5, 1];
const [OK, FAILED, NOT_ALLOWED] = [0, 1, 2];

/** Without a login: the socket lies in a folder that only this run sees. */
const greet = (client: Socket, phase: { read: Buffer }): boolean => {
  const [version, methods] = phase.read;
  if (version !== undefined && version !== VERSION) client.destroy();
  if (methods === undefined || phase.read.length < 2 + methods) return false;
  phase.read = phase.read.subarray(2 + methods);
  client.write(Buffer.from([VERSION, 0]));
  return true;
};

interface Asked {
  readonly command: number;
  readonly host: string;
  readonly port: number;
}

/** Null where it is not whole yet. */
const requestIn = (bytes: Buffer): Asked | null => {
  const [, command, , kind, length = 0] = bytes;
  if (bytes.length < 5 || command === undefined) return null;
  const [from, size] = kind === 1 ? [4, 4] : kind === 4 ? [4, 16] : [5, length];
  if (bytes.length < from + size + 2) return null;
  const address = bytes.subarray(from, from + size);
  return { command, host: hostOf(kind, address), port: bytes.readUInt16BE(from + size) };
};

const hostOf = (kind: number | undefined, address: Buffer): string => {
  if (kind === 1) return address.join(".");
  if (kind === 3) return address.toString("latin1");
  const groups = Array.from({ length: 8 }, (_, index) => address.readUInt16BE(index * 2).toString(16));
  return new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1);
};

const open = (
  client: Socket,
  { command, host, port }: Asked,
  { allowed, refused }: { readonly allowed: readonly string[]; readonly refused: (place: string) => void },
): void => {
  const answer = (code: number): Buffer => Buffer.from([VERSION, code, 0, 1, 0, 0, 0, 0, 0, 0]);
  if (command !== CONNECT || !isAllowed(allowed, host, port)) {
    refused(`${host}:${port}`);
    client.end(answer(NOT_ALLOWED));
    return;
  }
  const out = tunnel(client, { host, port }, () => client.write(answer(OK)));
  out.once("error", () => client.end(answer(FAILED)));
};
