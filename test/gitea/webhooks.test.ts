import { fastify } from "fastify";
import { afterAll, beforeAll, expect, test } from "vitest";
import { receiveWebhook } from "../../src/entry/webhook.ts";
import type { ForgeEvent } from "../../src/model/forge-event.ts";
import type { WebhookRequest } from "../../src/model/webhook.ts";
import { webhookRoutes } from "../../src/web/webhooks.ts";
import { intake, SECRET } from "../entry/intake.ts";
import { commit } from "./harness.ts";
import { type Gitea, startGitea } from "./server.ts";

const taken = intake({ allowlist: ["plumbline/*"] });
const answers: number[] = [];
const app = fastify({ logger: false });
let gitea: Gitea;
let address: string;

beforeAll(async () => {
  const ready = async () => ({ ok: true, problems: [] });
  const receive = async (request: WebhookRequest) => {
    const answer = await receiveWebhook(taken.world, request);
    answers.push(answer.status);
    return answer;
  };
  await app.register(webhookRoutes({ receive, ready, log: taken.world.log }));
  address = await app.listen({ port: 0, host: "127.0.0.1" });
  gitea = await startGitea();
});
afterAll(async () => {
  await gitea?.stop();
  await app.close();
});

/** What came in since the last call, in short. */
const told = async (): Promise<readonly string[]> => {
  await gitea.settle();
  return taken.followUps
    .splice(0)
    .flatMap(({ job }) => (job.kind === "event" ? [inShort(job.event)] : []))
    .sort();
};

const inShort = (event: ForgeEvent): string => {
  switch (event.type) {
    case "pushed":
      return `${event.sender} pushed ${event.branch}`;
    case "pull-changed":
      return `${event.sender} ${event.type} ${event.why}`;
    case "pull-closed":
      return `${event.sender} ${event.type} ${event.merged ? "merged" : "unmerged"}`;
    case "commented":
      return `${event.sender} commented ${event.body}`;
    default:
      return `${"sender" in event ? event.sender : ""} ${event.type}`;
  }
};

test("a real Gitea tells a pull request's whole life, signed, and each thing once", async () => {
  const repo = await gitea.createRepo("infra");
  await commit(gitea, repo, "main", { "main.tf": "# one\n" }, gitea.adminLogin);
  const { login: ada } = await gitea.addUser("ada");
  await gitea.api("PUT", `/repos/${repo}/collaborators/${ada}`, { permission: "write" });
  await gitea.settle();
  await gitea.addWebhook(repo, `${address}/webhooks/gitea`, SECRET);

  const at = (path: string) => `/repos/${repo}/${path}`;
  const edit = (change: object) => gitea.api("PATCH", at("pulls/1"), change, ada);
  const review = (event: string) =>
    gitea.api("POST", at("pulls/1/reviews"), { event, body: "Looked." }, gitea.adminLogin);

  await commit(gitea, repo, "topic", { "main.tf": "# two\n" }, ada, "main");
  expect(await told()).toEqual(["ada pushed topic"]);
  await gitea.api("POST", at("pulls"), { title: "WIP: net", head: "topic", base: "main" }, ada);
  expect(await told()).toEqual(["ada pull-changed opened"]);
  await commit(gitea, repo, "topic", { "main.tf": "# three\n" }, ada);
  expect(await told()).toEqual(["ada pull-changed pushed", "ada pushed topic"]);
  await edit({ title: "net" });
  expect(await told()).toEqual(["ada pull-changed ready"]);
  await edit({ body: "Because." });
  expect(await told()).toEqual(["ada pull-changed edited"]);
  await gitea.api("POST", at("issues/1/comments"), { body: "plumbline plan" }, ada);
  expect(await told()).toEqual(["ada commented plumbline plan"]);
  await review("APPROVED");
  expect(await told()).toEqual(["plumbline reviewed"]);
  await review("REQUEST_CHANGES");
  expect(await told()).toEqual(["plumbline reviewed"]);
  await edit({ state: "closed" });
  expect(await told()).toEqual(["ada pull-closed unmerged"]);
  await edit({ state: "open" });
  expect(await told()).toEqual(["ada pull-changed reopened"]);
  await gitea.api("POST", at("pulls/1/merge"), { Do: "squash" }, ada);
  expect(await told()).toEqual(["ada pull-closed merged", "ada pushed main"]);
  await gitea.api("DELETE", at("branches/topic"), undefined, ada);
  expect(await told()).toEqual([]);
});

test("with another secret nothing comes in", async () => {
  const repo = await gitea.createRepo("stranger");
  await gitea.addWebhook(repo, `${address}/webhooks/gitea`, "another secret");
  answers.length = 0;
  await commit(gitea, repo, "main", { "main.tf": "# one\n" }, gitea.adminLogin);
  expect(await told()).toEqual([]);
  expect(new Set(answers)).toEqual(new Set([401]));
});
