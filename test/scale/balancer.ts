import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

export interface Balancer {
  readonly url: string;
  /** How many requests each target has answered. */
  readonly answered: ReadonlyMap<string, number>;
  close(): Promise<void>;
}

/** What stands before several replicas: each request goes to the next one, past those that do not answer. */
export const startBalancer = async (targets: () => readonly string[]): Promise<Balancer> => {
  const answered = new Map<string, number>();
  let turn = 0;
  const server = createServer(async (request, response) => {
    const body = await bodyOf(request);
    turn += 1;
    const all = targets();
    const [from = 0] = [turn % Math.max(1, all.length)];
    for (const target of [...all.slice(from), ...all.slice(0, from)]) {
      const answer = await forward(target, request, body);
      if (answer === null) continue;
      answered.set(target, (answered.get(target) ?? 0) + 1);
      response.writeHead(answer.status).end(await answer.text());
      return;
    }
    response.writeHead(502).end();
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answered,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
};

const bodyOf = async (request: IncomingMessage): Promise<Buffer<ArrayBuffer>> => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
};

const OWN = new Set(["host", "connection", "content-length"]);

const forward = async (
  target: string,
  request: IncomingMessage,
  body: Buffer<ArrayBuffer>,
): Promise<Response | null> => {
  const headers = Object.entries(request.headers).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string" && !OWN.has(entry[0]),
  );
  const { method = "GET" } = request;
  const url = `${target}${request.url ?? "/"}`;
  return fetch(url, { method, headers, ...(method === "GET" ? {} : { body }) }).catch(() => null);
};
