import Fastify, { type FastifyInstance } from "fastify";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { LogPart } from "../../src/model/run-log.ts";
import type { ReadModel } from "../../src/ports/read-model.ts";
import { addLogStream } from "../../src/web/api/log-stream.ts";
import { sendProblem } from "../../src/web/api/problem.ts";

let app: FastifyInstance;
let place: string;
let followed = 0;

/** A log that never ends. */
async function* quiet(_run: string, _from: number, signal: AbortSignal): AsyncGenerator<LogPart> {
  followed += 1;
  const over = Promise.withResolvers<void>();
  signal.addEventListener("abort", () => over.resolve());
  await over.promise;
}

beforeAll(async () => {
  app = Fastify({ forceCloseConnections: true });
  app.setErrorHandler((error, _request, reply) => sendProblem(reply, error));
  addLogStream(app, {
    read: { run: async () => ({ workspace: "acme/infra//a#default" }) } as unknown as ReadModel,
    follow: quiet,
    admitted: async ({ headers }) => ({
      ...{ name: String(headers["x-who"]), kind: "person", grants: [{ role: "viewer", workspaces: ["*"] }] },
    }),
  });
  place = await app.listen({ port: 0, host: "127.0.0.1" });
});
afterAll(() => app.close());

const ask = (who: string, more: RequestInit = {}, query = "") =>
  fetch(`${place}/runs/r/log/stream${query}`, { headers: { "x-who": who }, ...more });

test("one reader takes not all places, and a place is free again when its page is closed", async () => {
  const page = new AbortController();
  const others = await Promise.all(Array.from({ length: 19 }, () => ask("ann")));
  const last = await ask("ann", { signal: page.signal });
  expect([...others, last].every(({ status }) => status === 200)).toBe(true);
  const refused = await ask("ann");
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "15"]);
  expect(await refused.json()).toMatchObject({ code: "too-many-streams", title: "Too many" });
  expect((await ask("bob")).status).toBe(200);
  page.abort();
  await expect.poll(async () => (await ask("ann")).status).toBe(200);
});

test("a HEAD opens nothing", async () => {
  const before = followed;
  const answer = await ask("eve", { method: "HEAD" });
  expect([answer.status, followed]).toEqual([404, before]);
});

test("a question that cannot be answered takes no place", async () => {
  for (let count = 0; count < 20; count += 1) expect((await ask("zoe", {}, "?from=-1")).status).toBe(400);
  expect((await ask("zoe")).status).toBe(200);
});
