import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach } from "vitest";
import { createGiteaForge } from "../../src/adapters/gitea.ts";
import type { Log } from "../../src/ports/log.ts";

export const TOKEN = "0123456789abcdef-secret";
export const ref = { repo: "acme/infra", number: 7 };

export type Reply = readonly [status: number, body: unknown, headers?: Record<string, string>];
/** A reply, or null: the connection breaks. */
type Script = (method: string, path: string, body: string) => Reply | null;

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** The adapter before a server that answers by script; waits end at once and are written down. */
export const against = async (script: Script) => {
  const calls: string[] = [];
  const waits: number[] = [];
  const server = createServer((request, response) => void reply(script, calls, request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const clock = {
    now: () => new Date("2026-01-01T00:00:00Z"),
    wait: async (ms: number) => void waits.push(ms),
  };
  const logged: unknown[] = [];
  const note = (text: string, fields?: object) => void logged.push({ text, fields });
  const log: Log = { debug: note, info: note, warn: note, error: note, child: () => log };
  return {
    forge: createGiteaForge({ apiUrl: `${url}/api/v1/`, token: TOKEN, log, clock }),
    calls,
    waits,
    url,
    logged,
  };
};

const reply = async (
  script: Script,
  calls: string[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const body = await new Response(request as unknown as ReadableStream).text();
  const path = (request.url ?? "").replace("/api/v1", "");
  calls.push(`${request.method} ${path}`);
  const answer = script(request.method ?? "", path, body);
  if (answer === null) return void request.socket.destroy();
  const [status, value, headers = {}] = answer;
  response.writeHead(status, headers);
  response.end(typeof value === "string" ? value : JSON.stringify(value));
};

/** Replies one after another; the last one stays. */
export const inTurn = (...replies: readonly (Reply | null)[]): Script => {
  let at = 0;
  return () => {
    const answer = replies[Math.min(at, replies.length - 1)];
    at += 1;
    return answer ?? null;
  };
};

/** A pull request in Gitea's shape. */
export const pull = (change: object = {}) => ({
  number: 7,
  title: "Net",
  body: null,
  html_url: "https://git.example.org/acme/infra/pulls/7",
  state: "open",
  draft: false,
  merged: false,
  mergeable: true,
  merge_base: "base",
  updated_at: "2026-01-01T00:00:00Z",
  user: { id: 1, login: "ada" },
  labels: null,
  head: { label: "topic", ref: "topic", sha: "head", repo_id: 1 },
  base: { label: "main", ref: "main", sha: "base", repo_id: 1 },
  ...change,
});
