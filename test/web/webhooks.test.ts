import { fastify } from "fastify";
import { afterEach, describe, expect, test } from "vitest";
import { receiveWebhook } from "../../src/entry/webhook.ts";
import { PlumblineError } from "../../src/model/errors.ts";
import { WEBHOOK_LIMIT_BYTES, type WebhookRoutes, webhookRoutes } from "../../src/web/webhooks.ts";
import { githubDelivery, intake, openedPull, sign } from "../entry/intake.ts";
import { quickest } from "../timing.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** The routes on a real port, over the real intake. */
const serve = async (change: Partial<WebhookRoutes> = {}) => {
  const taken = intake();
  const app = fastify({ logger: false });
  await app.register(
    webhookRoutes({
      receive: (request) => receiveWebhook(taken.world, request),
      ready: async () => ({ ok: true, problems: [] }),
      log: taken.world.log,
      ...change,
    }),
  );
  closing.push(() => app.close());
  const url = await app.listen({ port: 0, host: "127.0.0.1" });
  const post = (path: string, body: string | Buffer | ReadableStream, headers: Record<string, string> = {}) =>
    fetch(`${url}${path}`, { method: "POST", body, headers, duplex: "half" } as RequestInit);
  return { ...taken, url, post };
};

const headersOf = (body: string, id = "1"): Record<string, string> => ({
  "content-type": "application/json",
  "x-github-event": "pull_request",
  "x-github-delivery": id,
  "x-hub-signature-256": `sha256=${sign(body)}`,
});
const body = JSON.stringify(openedPull());

describe("webhook addresses", () => {
  test.each(["/webhooks/github", "/events"])("%s takes GitHub's delivery in", async (path) => {
    const { post, followUps } = await serve();
    const answer = await post(path, body, headersOf(body));
    expect([answer.status, await answer.json()]).toEqual([202, { message: "Taken in." }]);
    expect(followUps).toHaveLength(1);
  });

  test("/webhooks/gitea and /webhooks/gitlab know their forge", async () => {
    const { post, deliveries } = await serve();
    const gitea = {
      "x-gitea-event": "pull_request",
      "x-gitea-delivery": "1",
      "x-gitea-signature": sign(body),
    };
    expect((await post("/webhooks/gitea", body, gitea)).status).toBe(202);
    expect([...deliveries]).toEqual(["gitea:1"]);
    expect((await post("/webhooks/gitlab", body, headersOf(body))).status).toBe(401);
  });

  test("the signed bytes arrive untouched, whatever the content type says", async () => {
    const { post, followUps } = await serve();
    const odd = `${body.replace("{", "{\r\n\t ")}  \n`;
    for (const [at, type] of ["application/json", "text/plain", "application/vnd.acme+json"].entries()) {
      const answer = await post("/webhooks/github", odd, {
        ...headersOf(odd, `${at}`),
        "content-type": type,
      });
      expect(answer.status).toBe(202);
    }
    expect(followUps).toHaveLength(3);
  });

  test("wrong signature 401, unreadable 400, empty 400, unsigned and empty 401", async () => {
    const { post, followUps } = await serve();
    const wrong = { ...headersOf(body), "x-hub-signature-256": `sha256=${"0".repeat(64)}` };
    expect((await post("/webhooks/github", body, wrong)).status).toBe(401);
    expect((await post("/webhooks/github", "{", headersOf("{"))).status).toBe(400);
    expect((await post("/webhooks/github", "", headersOf(""))).status).toBe(400);
    expect((await post("/webhooks/github", "")).status).toBe(401);
    expect(followUps).toEqual([]);
  });

  test("a GET is no delivery", async () => {
    const { url } = await serve();
    expect((await fetch(`${url}/webhooks/github`)).status).toBe(404);
  });

  test("the answer comes within 50 ms", async () => {
    const { post } = await serve();
    await post("/webhooks/github", body, headersOf(body, "warm"));
    const least = await quickest(50, (index) => post("/webhooks/github", body, headersOf(body, `${index}`)));
    expect(least).toBeLessThan(50);
  });
});

describe("bodies above 25 MB", () => {
  const tooLarge = () => Buffer.alloc(WEBHOOK_LIMIT_BYTES + 1, " ");

  test("are 413 and never reach the intake", async () => {
    let received = 0;
    const receive: WebhookRoutes["receive"] = async () => {
      received += 1;
      return { status: 202, body: { message: "" } };
    };
    const { post } = await serve({ receive });
    const answer = await post("/webhooks/github", tooLarge(), headersOf(body));
    expect(answer.status).toBe(413);
    expect(received).toBe(0);
  });

  test("are 413 without a length, too", async () => {
    const { post, seen } = await serve();
    const stream = new Blob([tooLarge()]).stream();
    const answer = await post("/webhooks/github", stream, headersOf(body));
    expect(answer.status).toBe(413);
    expect(seen.transactions).toBe(0);
  });

  test("at exactly 25 MB they are taken in", async () => {
    const { post, followUps } = await serve();
    const padded = body.padEnd(WEBHOOK_LIMIT_BYTES, " ");
    expect((await post("/webhooks/github", padded, headersOf(padded))).status).toBe(202);
    expect(followUps).toHaveLength(1);
  });
});

describe("when something is broken", () => {
  test("a ledger that is down is 503 without the cause, which our log has", async () => {
    const cause = new PlumblineError("database-unavailable", "password=hunter2 was refused");
    const { post, logged } = await serve({ receive: () => Promise.reject(cause) });
    const answer = await post("/webhooks/github", body, headersOf(body));
    expect(answer.status).toBe(503);
    expect(await answer.text()).not.toContain("hunter2");
    expect(logged).toHaveLength(1);
    expect(logged[0]?.fields).toMatchObject({ code: "database-unavailable" });
  });

  test("/healthz answers always, /readyz says what is missing", async () => {
    const problems = ["The database does not answer."];
    const { url } = await serve({ ready: async () => ({ ok: false, problems }) });
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    const ready = await fetch(`${url}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([503, { ok: false, problems }]);
    const fine = await serve();
    expect((await fetch(`${fine.url}/readyz`)).status).toBe(200);
  });
});

test("a repeated signature header is no way around the check", async () => {
  const { world } = intake();
  const request = githubDelivery("ping", "{}");
  const headers = { ...request.headers, "x-hub-signature-256": ["sha256=00", "sha256=11"] };
  expect((await receiveWebhook(world, { ...request, headers })).status).toBe(401);
});
