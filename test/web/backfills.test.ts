import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { BACKFILL_STATES, type BackfillRunState } from "../../src/model/backfill-run.ts";
import type { Backfills } from "../../src/ports/backfills.ts";
import { BACKFILL_KEY, BACKFILL_NAME } from "../child/backfill-world.ts";
import { cli } from "../cli/world.ts";
import { openBackfillStage } from "./backfill-stage.ts";

let stage: Awaited<ReturnType<typeof openBackfillStage>>;
beforeAll(async () => {
  // Nothing here works on a database: what jobs do after a word is theirs (test/run/backfill-job.test.ts).
  stage = await openBackfillStage({} as Backfills);
  await stage.approve();
});
afterAll(() => stage.close());
beforeEach(() => stage.stand({ state: "running", token: 3, dead: 1 }));

const KEY = encodeURIComponent(BACKFILL_KEY);
const say = (verb: string, body: object = { name: BACKFILL_NAME }, token?: string, headers = {}) =>
  stage.post(`/workspaces/${KEY}/backfills/${verb}`, body, token, headers);
const audit = async () =>
  (await stage.world.ledger.audit.list({ subject: BACKFILL_KEY })).map(({ actor, action }) => [
    actor,
    action,
  ]);
const STEPS: readonly (readonly [string, BackfillRunState, string])[] = [
  ["pause", "paused", "backfill-paused"],
  ["resume", "running", "backfill-resumed"],
  ["retry", "running", "backfill-retried"],
  ["cancel", "cancelled", "backfill-cancelled"],
];

describe("over HTTP", () => {
  test("each word does what a comment does, under the name of who asked, and is told on the pull request", async () => {
    for (const [verb, state, action] of STEPS) {
      const answer = await say(verb);
      expect([verb, answer.statusCode]).toEqual([verb, 202]);
      expect(answer.json()).toMatchObject({
        answer: expect.stringContaining(`\`${BACKFILL_NAME}\``),
        pull: { repo: "acme/shop", number: 1 },
        queued: ["publish"],
      });
      expect(await stage.row()).toMatchObject({ state });
      expect((await audit()).slice(-2)).toEqual(
        expect.arrayContaining([
          ["token:dana", action],
          ["token:dana", "asked-backfill"],
        ]),
      );
    }
    expect(await stage.row()).toMatchObject({ reason: "cancelled by token:dana" });
  });

  test("without a name all of the workspace are meant", async () => {
    expect((await say("pause", {})).statusCode).toBe(202);
    expect(await stage.row()).toMatchObject({ state: "paused" });
  });

  test("it takes an approver of that workspace", async () => {
    for (const token of ["viewer", "operator", "elsewhere"])
      expect([token, (await say("cancel", {}, token)).statusCode]).toEqual([token, 403]);
    expect((await say("cancel", {}, "nobody")).statusCode).toBe(401);
    expect(await stage.row()).toMatchObject({ state: "running" });
    const seen = await stage.get("/api/v1/backfills", "viewer");
    expect(seen.json().items).toMatchObject([{ name: BACKFILL_NAME, state: "running" }]);
    expect((await stage.get("/api/v1/backfills", "elsewhere")).json().items).toEqual([]);
  });

  test("what there is none of is not found, what is wrong for its state is refused, and both change nothing", async () => {
    const before = await stage.row();
    expect((await say("pause", { name: "other" })).statusCode).toBe(404);
    expect((await say("pause", { name: 7 })).statusCode).toBe(400);
    const nowhere = `/workspaces/${encodeURIComponent("acme/shop//none#default")}/backfills/pause`;
    expect((await stage.post(nowhere, {})).statusCode).toBe(404);
    expect((await say("explode")).statusCode).toBe(404);
    const refused = await say("resume");
    expect([refused.statusCode, refused.json().code]).toEqual([422, "wrong-state"]);
    expect(await stage.row()).toEqual(before);
    await stage.stand({ state: "stopped", token: 3 });
    expect((await say("retry")).statusCode).toBe(422);
    await stage.stand({ state: "done", token: 3 });
    for (const [verb] of STEPS) expect([verb, (await say(verb)).statusCode]).toEqual([verb, 422]);
    const refusals = await stage.world.ledger.audit.list({ subject: "acme/shop#1" });
    expect(refusals.at(-1)).toMatchObject({ actor: "token:dana", action: "backfill-refused" });
  });

  test("under one key a word is said once; a refusal may be repeated when it fits", async () => {
    const key = { "idempotency-key": "k1" };
    const first = await say("pause", {}, "plb_dana", key);
    await say("resume");
    const again = await say("pause", {}, "plb_dana", key);
    expect(again.json()).toEqual(first.json());
    expect(again.headers["idempotent-replayed"]).toBe("true");
    expect(await stage.row()).toMatchObject({ state: "running" });
    const late = { "idempotency-key": "k2" };
    expect((await say("resume", {}, "plb_dana", late)).statusCode).toBe(422);
    await say("pause");
    expect((await say("resume", {}, "plb_dana", late)).statusCode).toBe(202);
  });

  test("keys that were to be tried again still are after a pause", async () => {
    for (const verb of ["retry", "pause", "resume"]) await say(verb);
    expect(await stage.row()).toMatchObject({ state: "running", wish: "retry" });
  });

  test("one of a workspace that left the code can be cancelled", async () => {
    await stage.world.ledger.workspaces.markRemoved(BACKFILL_KEY, new Date());
    expect((await say("cancel")).statusCode).toBe(202);
    expect(await stage.row()).toMatchObject({ state: "cancelled" });
    const row = (await stage.world.ledger.workspaces.get(BACKFILL_KEY)) ?? expect.unreachable();
    await stage.world.ledger.workspaces.upsert(row);
  });
});

describe("at the terminal", () => {
  const call = (...argv: readonly string[]) =>
    cli(["backfill", ...argv], { env: { PLUMBLINE_SERVER: stage.url, PLUMBLINE_TOKEN: "plb_dana" } });

  test("a list says where each is; words change it, and what was refused fails", async () => {
    await stage.stand({ state: "running", token: 3, done: 40, total: 100, throttle: "a replica is behind" });
    expect((await call()).out).toMatch(
      /^STATE +BACKFILL .*\nrunning +score +acme\/shop\/\/db#default +40\/100 .*a replica is behind\n$/,
    );
    expect((await call("status", BACKFILL_KEY, "other")).out).toBe("No backfill.\n");
    expect((await call("status", "--state", "paused")).out).toBe("No backfill.\n");
    expect(await call("status", "--state", "odd")).toMatchObject({ code: 64 });
    expect(await call("pause", BACKFILL_KEY, BACKFILL_NAME)).toMatchObject({
      code: 0,
      out: expect.stringContaining("Paused `score`"),
    });
    expect(await call("pause", BACKFILL_KEY, BACKFILL_NAME)).toMatchObject({
      code: 1,
      out: "",
      err: expect.stringContaining("can be told to `pause` now"),
    });
    const resumed = JSON.parse((await call("resume", BACKFILL_KEY, "--json")).out);
    expect(resumed).toMatchObject({ workspace: BACKFILL_KEY, answer: expect.stringContaining("Going on") });
    expect(await call("retry", BACKFILL_KEY)).toMatchObject({ code: 1 });
    expect(await call("cancel", BACKFILL_KEY, "other")).toMatchObject({ code: 1 });
    expect(await stage.row()).toMatchObject({ state: "running" });
    expect(await call("cancel", BACKFILL_KEY)).toMatchObject({ code: 0 });
    expect(JSON.parse((await call("--json")).out).items).toMatchObject([{ state: "cancelled" }]);
  });

  test("what is not a word, or has no workspace or service, is a mistake of one's own", async () => {
    expect(await call("explode", BACKFILL_KEY)).toMatchObject({ code: 64 });
    expect(await call("pause")).toMatchObject({ code: 64 });
    expect(await cli(["backfill", "pause", BACKFILL_KEY], { env: {} })).toMatchObject({
      code: 64,
      err: expect.stringContaining("--server"),
    });
  });
});

describe("on the page", () => {
  const PAGE = `/workspaces/${KEY}`;
  const signIn = async (token: string) => {
    const { cookies } = await stage.submit("/sign-in", { token, back: "/" });
    return Object.fromEntries(cookies.map(({ name, value }) => [name, value]));
  };
  const drawn = async (cookies: Record<string, string>) => {
    const { body } = await stage.app.inject({ url: PAGE, cookies });
    return /<section aria-labelledby="backfills">.*?<\/section>/s.exec(body)?.[0] ?? "";
  };
  const formOf = (page: string, verb: string): Record<string, string> => {
    const form = new RegExp(`action="/do/backfill-${verb}/[^"]*".*?</form>`, "s").exec(page)?.[0] ?? "";
    return Object.fromEntries(
      [...form.matchAll(/name="([^"]+)" value="([^"]*)"/g)].map(([, name = "", value = ""]) => [name, value]),
    );
  };

  test("each state shows the words that fit it", async () => {
    const cookies = await signIn("plb_dana");
    const shown: Record<string, readonly string[]> = {};
    for (const state of BACKFILL_STATES) {
      await stage.stand({ state, token: 3, reason: "<b>why</b>" });
      const page = await drawn(cookies);
      expect(page).toContain(`>${state}</span>`);
      expect(page).toContain("&lt;b>why");
      shown[state] = [...page.matchAll(/action="\/do\/backfill-(\w+)\//g)].map(([, verb = ""]) => verb);
    }
    expect(shown).toEqual({
      ...{ waiting: ["pause", "cancel"], running: ["pause", "cancel"], paused: ["resume", "cancel"] },
      ...{ stopped: ["resume", "cancel"], done: [], cancelled: [] },
    });
    await stage.stand({ state: "stopped", token: 3, dead: 2 });
    expect(await drawn(cookies)).toContain("Retry left-out keys of score");
  });

  test("a form does what the comment does, once, and says what came of it", async () => {
    const cookies = await signIn("plb_dana");
    const form = formOf(await drawn(cookies), "pause");
    for (const _time of [1, 2]) {
      const told = await stage.submit(`/do/backfill-pause/${KEY}`, form, cookies);
      expect(told.body).toMatch(/✓ taken in.*Paused `score`/s);
    }
    expect(await stage.row()).toMatchObject({ state: "paused", reason: "paused by token:dana" });
    const late = await stage.submit(`/do/backfill-pause/${KEY}`, { ...form, once: "other" }, cookies);
    expect([late.statusCode, late.body.includes("can be told to")]).toEqual([422, true]);
    const resumed = formOf(await drawn(cookies), "resume");
    expect((await stage.submit(`/do/backfill-resume/${KEY}`, resumed, cookies)).statusCode).toBe(200);
    expect(await stage.row()).toMatchObject({ state: "running", wish: "resume" });
  });

  test("without the word of the session, or without the role, nothing is done", async () => {
    const form = formOf(await drawn(await signIn("plb_dana")), "cancel");
    for (const csrf of ["", "AAAA"])
      expect(
        (await stage.submit(`/do/backfill-cancel/${KEY}`, { ...form, csrf }, await signIn("plb_dana")))
          .statusCode,
      ).toBe(403);
    const viewer = await signIn("viewer");
    const page = (await stage.app.inject({ url: PAGE, cookies: viewer })).body;
    expect(page).toMatch(/Cancel score<\/strong> takes the role approver/);
    const [, csrf = ""] = /name="csrf" value="([^"]+)"/.exec(page) ?? [];
    expect((await stage.submit(`/do/backfill-cancel/${KEY}`, { ...form, csrf }, viewer)).statusCode).toBe(
      403,
    );
    expect(await stage.row()).toMatchObject({ state: "running" });
  });
});
