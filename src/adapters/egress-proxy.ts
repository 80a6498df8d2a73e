import { lookup } from "node:dns/promises";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { connect, isIP, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { isAllowed, isNear } from "./egress-allowed.ts";

/** A proxy that knows CONNECT alone, and that to listed hosts. Every refusal is told to the caller. */
export const egressProxy = (allowed: readonly string[], refused: (place: string) => void): Server => {
  const server = createServer((_request, response) => {
    response.writeHead(403, { connection: "close" });
    response.end("Plumbline: runs connect by HTTPS only.\n");
  });
  server.on("connect", (request: IncomingMessage, client: Duplex, head: Buffer) => {
    client.on("error", () => client.destroy());
    void open(allowed, request.url ?? "", client, head).catch(() => {
      refused(request.url ?? "");
      client.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    });
  });
  return server;
};

const open = async (
  allowed: readonly string[],
  place: string,
  client: Duplex,
  head: Buffer,
): Promise<void> => {
  const [, bracketed, plain, port] = /^(?:\[([0-9a-f:.]+)\]|([^:]+)):(\d{1,5})$/i.exec(place) ?? [];
  const host = bracketed ?? plain ?? "";
  if (!isAllowed(allowed, host, Number(port))) throw new Error("not listed");
  const address = isIP(host) === 0 ? (await lookup(host)).address : host;
  if (isNear(address) && isIP(host) === 0) throw new Error("near");
  const out = tunnel(client, { host: address, port: Number(port) }, () => {
    client.write("HTTP/1.1 200 Connection established\r\n\r\n");
    out.write(head);
  });
  out.once("error", () => client.end("HTTP/1.1 502 Bad Gateway\r\nConnection: close\r\n\r\n"));
};

/** Connects and joins both, once `connected` has answered the client. */
export const tunnel = (
  client: Duplex,
  place: { readonly host: string; readonly port: number },
  connected: () => void,
): Socket => {
  const out = connect(place);
  out.once("connect", () => {
    connected();
    out.pipe(client);
    client.pipe(out);
  });
  out.once("close", () => client.destroy());
  client.once("close", () => out.destroy());
  return out;
};
