import { describe, expect, test } from "vitest";
import { receiveWebhook } from "../../src/entry/webhook.ts";
import { githubDelivery, intake, openedPull, SECRET, sign } from "./intake.ts";

const opened = () => githubDelivery("pull_request", openedPull());

describe("what is taken in", () => {
  test("a signed delivery becomes one job, remembered together with its id", async () => {
    const { world, followUps, deliveries, seen } = intake();
    expect(await receiveWebhook(world, opened())).toMatchObject({ status: 202 });
    const delivery = "github:72d3162e-cc78-11e3-81ab-4c9367dc0958";
    const pull = { repo: "acme/infra", number: 7 };
    const event = { type: "pull-changed", pull, head: "c0ffee", why: "opened", sender: "ada" };
    expect(followUps).toEqual([{ job: { kind: "event", delivery, event } }]);
    expect([...deliveries]).toEqual([delivery]);
    expect(seen).toMatchObject({ nudges: 1, transactions: 1 });
  });

  test("the same delivery id again is dropped, whatever its body says now", async () => {
    const { world, followUps, seen } = intake();
    await receiveWebhook(world, opened());
    expect(await receiveWebhook(world, opened())).toMatchObject({ status: 202 });
    const changed = githubDelivery("pull_request", { ...openedPull(), number: 8 });
    expect(await receiveWebhook(world, changed)).toMatchObject({ status: 202 });
    expect(followUps).toHaveLength(1);
    expect(seen.nudges).toBe(1);
  });

  test("two copies at the same moment make one job", async () => {
    const { world, followUps } = intake();
    const answers = await Promise.all([receiveWebhook(world, opened()), receiveWebhook(world, opened())]);
    expect(answers.map((answer) => answer.status)).toEqual([202, 202]);
    expect(followUps).toHaveLength(1);
  });

  test("a ledger that fails throws, and leaves the delivery unseen so that a redelivery counts", async () => {
    const { world, followUps, deliveries, seen } = intake();
    seen.outboxFails = true;
    await expect(receiveWebhook(world, opened())).rejects.toThrow("disk is full");
    expect([deliveries.size, seen.nudges]).toEqual([0, 0]);
    seen.outboxFails = false;
    await receiveWebhook(world, opened());
    expect(followUps).toHaveLength(1);
  });

  test("a form's payload field is read, signed over the form's bytes", async () => {
    const { world, followUps } = intake();
    const form = new URLSearchParams({ payload: JSON.stringify(openedPull()) }).toString();
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const answer = await receiveWebhook(world, githubDelivery("pull_request", form, headers));
    expect([answer.status, followUps.length]).toEqual([202, 1]);
  });
});

describe("signatures", () => {
  const refused: readonly (readonly [string, Record<string, string | undefined>])[] = [
    ["no signature", { "x-hub-signature-256": undefined }],
    ["an empty one", { "x-hub-signature-256": "" }],
    ["another secret's", { "x-hub-signature-256": `sha256=${sign("{}", "guess")}` }],
    ["one too short", { "x-hub-signature-256": "sha256=00" }],
    ["no hex", { "x-hub-signature-256": `sha256=${"z".repeat(64)}` }],
    ["the old SHA-1 only", { "x-hub-signature-256": undefined, "x-hub-signature": `sha1=${"0".repeat(40)}` }],
  ];
  test.each(refused)("%s is 401, and nothing is read or stored", async (_name, headers) => {
    const { world, deliveries, followUps, seen } = intake();
    const answer = await receiveWebhook(world, githubDelivery("pull_request", "{ no json", headers));
    expect(answer.status).toBe(401);
    expect([deliveries.size, followUps.length, seen.transactions]).toEqual([0, 0, 0]);
    expect(JSON.stringify(answer)).not.toContain(SECRET);
  });

  test("the bytes count, not what they mean: one space more is another body", async () => {
    const { world } = intake();
    const body = JSON.stringify(openedPull());
    const request = githubDelivery("pull_request", `${body} `, {
      "x-hub-signature-256": `sha256=${sign(body)}`,
    });
    expect((await receiveWebhook(world, request)).status).toBe(401);
  });

  test("while a secret is changed, the old and the new one count", async () => {
    const { world } = intake({ secrets: ["new", "old"] });
    const body = JSON.stringify(openedPull());
    for (const [secret, status] of [
      ["new", 202],
      ["old", 202],
      ["other", 401],
    ] as const) {
      const headers = { "x-hub-signature-256": `sha256=${sign(body, secret)}` };
      const answer = await receiveWebhook(world, githubDelivery("pull_request", body, headers));
      expect(answer.status).toBe(status);
    }
  });

  test.each([[[]], [[""]]])("with the secrets %j nobody gets in", async (secrets) => {
    const { world } = intake({ secrets });
    const body = "{}";
    const headers = { "x-hub-signature-256": `sha256=${sign(body, "")}` };
    expect((await receiveWebhook(world, githubDelivery("ping", body, headers))).status).toBe(401);
  });
});

describe("what is ignored, with 202", () => {
  test.each([
    ["ping", { zen: "Keep it simple." }],
    ["a_future_event", {}],
    ["pull_request", { ...openedPull(), action: "labeled" }],
    ["pull_request", { action: "opened" }],
    ["pull_request", {}],
    ["constructor", {}],
  ])("%s %j", async (event, payload) => {
    const { world, followUps, seen } = intake();
    expect((await receiveWebhook(world, githubDelivery(event, payload))).status).toBe(202);
    expect([followUps.length, seen.transactions]).toEqual([0, 0]);
  });

  test("a repository outside of the allow list, and it is said once", async () => {
    const { world, followUps, logged } = intake();
    for (const id of ["1", "2", "3"]) {
      const request = githubDelivery("pull_request", openedPull("evil/infra"), { "x-github-delivery": id });
      expect((await receiveWebhook(world, request)).status).toBe(202);
    }
    expect(followUps).toEqual([]);
    expect(logged.map((entry) => entry.fields)).toEqual([{ repo: "evil/infra" }]);
  });

  test.each([
    [["acme/infra"], "acme/infra", true],
    [["ACME/Infra"], "acme/infra", true],
    [["acme/*"], "acme/infra", true],
    [["acme/*"], "acme/group/infra", true],
    [["*"], "anyone/anything", true],
    [["acme/infra"], "acme/infra-2", false],
    [["acme/*"], "notacme/infra", false],
    [["acme.io/*"], "acmexio/infra", false],
    [[], "acme/infra", false],
  ])("the allow list %j lets %s in: %s", async (allowlist, repo, expected) => {
    const { world, followUps } = intake({ allowlist });
    await receiveWebhook(world, githubDelivery("pull_request", openedPull(repo)));
    expect(followUps.length === 1).toBe(expected);
  });
});

describe("what can't be read is 400, said in one sentence", () => {
  test.each([
    ["half a document", "{", {}],
    ["nothing", "", {}],
    ["a list", "[1]", {}],
    ["null", "null", {}],
    ["no event", "{}", { "x-github-event": undefined }],
    ["no delivery id", "{}", { "x-github-delivery": undefined }],
    ["a form without payload", "a=b", { "content-type": "application/x-www-form-urlencoded" }],
  ])("%s", async (_name, body, headers) => {
    const { world, seen } = intake();
    const answer = await receiveWebhook(world, githubDelivery("pull_request", body, headers));
    expect(answer.status).toBe(400);
    expect(answer.body.message).toMatch(/\.$/);
    expect(seen.transactions).toBe(0);
  });

  test("bytes that are no UTF-8", async () => {
    const { world } = intake();
    const rawBody = Buffer.from([0x7b, 0xff, 0x7d]);
    const request = githubDelivery("ping", "", { "x-hub-signature-256": `sha256=${sign(rawBody)}` });
    expect((await receiveWebhook(world, { ...request, rawBody })).status).toBe(400);
  });
});

describe("whose webhook it is", () => {
  const giteaHeaders = (body: string) => ({
    "x-hub-signature-256": undefined,
    "x-gitea-event": "pull_request",
    "x-gitea-delivery": "gitea-1",
    "x-gitea-signature": sign(body),
  });

  test.each(["github", "gitea", null] as const)("Gitea's own header decides at %s", async (forge) => {
    const { world, deliveries, followUps } = intake();
    const body = JSON.stringify({ ...openedPull(), action: "synchronized" });
    const request = githubDelivery("pull_request", body, giteaHeaders(body), forge);
    expect((await receiveWebhook(world, request)).status).toBe(202);
    expect([...deliveries]).toEqual(["gitea:gitea-1"]);
    expect(followUps[0]?.job).toMatchObject({ event: { why: "pushed" } });
  });

  test("Forgejo names its headers after itself", async () => {
    const { world, deliveries } = intake();
    const body = JSON.stringify(openedPull());
    const headers = {
      "x-forgejo-event": "pull_request",
      "x-forgejo-delivery": "f-1",
      "x-forgejo-signature": sign(body),
    };
    await receiveWebhook(world, { forge: "gitea", rawBody: Buffer.from(body), headers });
    expect([...deliveries]).toEqual(["gitea:f-1"]);
  });

  test("the old address takes GitHub's, and what is unsigned fails there too", async () => {
    const { world, followUps } = intake();
    expect((await receiveWebhook(world, githubDelivery("pull_request", openedPull(), {}, null))).status).toBe(
      202,
    );
    expect(followUps).toHaveLength(1);
    const bare = { forge: null, headers: {}, rawBody: Buffer.from("{}") };
    expect((await receiveWebhook(world, bare)).status).toBe(401);
  });

  test("GitLab shows the secret itself, and tells webhooks of one cause apart by their content", async () => {
    const { world, deliveries, followUps } = intake();
    const send = (token: string, iid: number) => {
      const payload = {
        object_attributes: { iid, action: "open", last_commit: { id: "c0ffee" } },
        project: { path_with_namespace: "acme/group/infra" },
        user: { username: "ada" },
      };
      const headers = {
        "x-gitlab-event": "Merge Request Hook",
        "x-gitlab-token": token,
        "x-gitlab-event-uuid": "u",
      };
      return receiveWebhook(world, {
        forge: "gitlab",
        headers,
        rawBody: Buffer.from(JSON.stringify(payload)),
      });
    };
    expect((await send("wrong", 1)).status).toBe(401);
    expect((await send(SECRET, 1)).status).toBe(202);
    expect((await send(SECRET, 2)).status).toBe(202);
    expect((await send(SECRET, 2)).status).toBe(202);
    expect([deliveries.size, followUps.length]).toEqual([2, 2]);
  });
});
