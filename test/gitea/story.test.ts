import { afterAll, beforeAll, expect, test } from "vitest";
import { commit } from "./harness.ts";
import { type GiteaStage, openGiteaStage } from "./stage.ts";

let stage: GiteaStage;
beforeAll(async () => {
  stage = await openGiteaStage();
});
afterAll(() => stage?.close());

const topics = (days: number, stateUrl: string): string => `terraform {
  required_providers {
    kafka = { source = "mongey/kafka" }
  }
  backend "http" {
    address        = "${stateUrl}/state/topics"
    lock_address   = "${stateUrl}/state/topics"
    unlock_address = "${stateUrl}/state/topics"
  }
}

resource "kafka_topic" "orders" {
  name               = "orders"
  partitions         = 6
  replication_factor = 3
  config             = { "retention.ms" = "${days * 86_400_000}" }
}
`;

interface Pull {
  readonly number: number;
  readonly state: string;
  readonly merged: boolean;
  readonly title: string;
  readonly head: { readonly sha: string; readonly ref: string };
  readonly user: { readonly login: string };
}

const pull = (repo: string, number: number): Promise<Pull> =>
  stage.gitea.api<Pull>("GET", `/repos/${repo}/pulls/${number}`);

const comments = async (repo: string, number: number): Promise<readonly string[]> => {
  const found = await stage.gitea.api<{ body: string; user: { login: string } }[]>(
    "GET",
    `/repos/${repo}/issues/${number}/comments`,
  );
  return found.filter(({ user }) => user.login === stage.gitea.adminLogin).map(({ body }) => body);
};

const statuses = async (repo: string, sha: string): Promise<readonly string[]> => {
  const { statuses: found } = await stage.gitea.api<{
    statuses: { context: string; status: string }[] | null;
  }>("GET", `/repos/${repo}/commits/${sha}/status`);
  return (found ?? []).map(({ context, status }) => `${context}: ${status}`).sort();
};

const liveRetention = (): unknown => {
  const config = stage.cloud.read().resources["kafka_topic"]?.["orders"]?.["config"];
  return (config as Record<string, unknown> | undefined)?.["retention.ms"];
};

// Gitea tells of a merge when it comes to it.
const PATIENCE = { timeout: 60_000, interval: 200 };
const DAYS_7 = String(7 * 86_400_000);
const DAY_1 = String(86_400_000);

test("on a real Gitea: plan, merge, apply, drift by hand, its pull request, revert", {
  timeout: 240_000,
}, async () => {
  const { gitea, settled } = stage;
  const repo = await gitea.createRepo("streams");
  await commit(gitea, repo, "main", { "README.md": "Topics.\n" }, gitea.adminLogin);
  const { login: dana } = await gitea.addUser("dana");
  await gitea.api("PUT", `/repos/${repo}/collaborators/${dana}`, { permission: "write" });
  await stage.webhook(repo);

  await commit(gitea, repo, "orders", { "topics/main.tf": topics(7, stage.stateUrl) }, dana, "main");
  await gitea.api("POST", `/repos/${repo}/pulls`, { title: "Orders", head: "orders", base: "main" }, dana);
  await settled();
  const opened = await pull(repo, 1);
  expect(await statuses(repo, opened.head.sha)).toEqual([
    "plumbline/plan: success",
    "plumbline/plan: topics: success",
  ]);
  expect(await comments(repo, 1)).toEqual([expect.stringContaining("kafka_topic.orders")]);

  await gitea.api("POST", `/repos/${repo}/pulls/1/merge`, { Do: "squash" }, dana);
  await expect.poll(liveRetention, PATIENCE).toBe(DAYS_7);
  await settled();
  expect(await statuses(repo, opened.head.sha)).toContain("plumbline/apply: topics: success");
  expect((await comments(repo, 1)).join("\n")).toMatch(/second plan/i);

  stage.cloud.set("kafka_topic", "orders", { config: { "retention.ms": DAY_1 } });
  await stage.nextLook();
  const drift = await pull(repo, 2);
  expect(drift).toMatchObject({ state: "open", user: { login: gitea.adminLogin } });
  expect(liveRetention()).toBe(DAY_1);

  await gitea.api("POST", `/repos/${repo}/issues/2/comments`, { body: "plumbline revert" }, dana);
  await expect.poll(liveRetention, PATIENCE).toBe(DAYS_7);
  await expect.poll(() => pull(repo, 2), PATIENCE).toMatchObject({ state: "closed", merged: false });
  await stage.nextLook();
  expect(await gitea.api<Pull[]>("GET", `/repos/${repo}/pulls?state=open`)).toEqual([]);
});
