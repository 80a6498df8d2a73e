import { readFile } from "node:fs/promises";
import { createAppAuth } from "@octokit/auth-app";
import { Ajv } from "ajv";
import formats from "ajv-formats";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { REST_ROUTES } from "../../demo/forge/server.ts";
import { type GithubHarness, githubHarness } from "./github-harness.ts";

// The local forge answers in GitHub's shapes, judged by GitHub's own schemas (scripts/github-schemas.ts takes them
// out of GitHub's description of its API). So an adapter that works here meets nothing new there.

interface Described {
  readonly operations: Readonly<Record<string, object>>;
  readonly components: object;
}

const described = JSON.parse(
  await readFile(new URL("github-schemas.generated.json", import.meta.url), "utf8"),
) as Described;

const ajv = new Ajv({ strict: false, allErrors: true });
formats.default(ajv);
ajv.addSchema({ $id: "github", components: described.components });

const problemsOf = (operation: string, answer: unknown): readonly string[] => {
  const schema = JSON.parse(
    JSON.stringify(described.operations[operation] ?? { not: {} }).replaceAll(
      '"#/components',
      '"github#/components',
    ),
  ) as object;
  const valid = ajv.validate(schema, answer);
  return valid ? [] : (ajv.errors ?? []).map((error) => `${error.instancePath} ${error.message}`);
};

let harness: GithubHarness;
let repo: string;
let head: string;
let reviewer: string;
let appToken: string;
let installation: number;
beforeAll(async () => {
  harness = await githubHarness();
  repo = await harness.createRepo({ "main.tf": "# nothing\n" });
  const { appId, privateKey, installationId } = harness.local.addApp("plumbline-test");
  installation = installationId;
  appToken = (await createAppAuth({ appId, privateKey })({ type: "app" })).token;
  const user = await harness.addUser(repo, "admin");
  reviewer = user.login;
  for (const [branch, body] of [
    ["topic", "Why"],
    ["merged", ""],
  ] as const) {
    head = await user.push(repo, branch, { [`${branch}.tf`]: "# more\n" });
    const number = await harness.local
      .as(harness.login)
      .openPull(repo, { title: branch, body, head: branch });
    await user.comment({ repo, number }, "plumbline plan");
    await user.review({ repo, number }, "approve");
    await harness.local.as(reviewer).label({ repo, number }, "infra");
    await harness.forge.setStatus(repo, head, {
      context: "ci",
      state: "pending",
      description: "",
      targetUrl: null,
    });
  }
  await harness.local.as(harness.login).merge({ repo, number: 2 });
  await user.push(repo, "new", { "new.tf": "# new\n" });
  await harness.requireStatuses(repo, ["ci"]);
});
afterAll(async () => {
  await harness?.stop();
});

const ask = async (method: string, path: string, body?: object, token?: string): Promise<unknown> => {
  const authorization = `Bearer ${token ?? harness.local.as(reviewer).token}`;
  const response = await fetch(`${harness.local.apiUrl}${path}`, {
    method,
    headers: { authorization },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return response.json();
};

const R = "/repos/{owner}/{repo}";
const commentId = (): number => harness.local.comments(repo, 1)[0]?.id ?? 0;

interface Case {
  readonly operation: string;
  readonly path: () => string;
  readonly body?: object;
  readonly asApp?: true;
}

const at = (rest: () => string) => () => `/repos/${repo}${rest()}`;

const CASES: readonly Case[] = [
  { operation: "GET /user", path: () => "/user" },
  { operation: "GET /app", path: () => "/app", asApp: true },
  {
    operation: "POST /app/installations/{installation_id}/access_tokens",
    path: () => `/app/installations/${installation}/access_tokens`,
    asApp: true,
  },
  { operation: `GET ${R}/installation`, path: at(() => "/installation"), asApp: true },
  { operation: `GET ${R}`, path: at(() => "") },
  { operation: `GET ${R}/branches/{branch}`, path: at(() => "/branches/main") },
  { operation: `GET ${R}/rules/branches/{branch}`, path: at(() => "/rules/branches/main") },
  {
    operation: `GET ${R}/collaborators/{username}/permission`,
    path: at(() => `/collaborators/${reviewer}/permission`),
  },
  {
    operation: "GET /orgs/{org}/teams/{team_slug}/memberships/{username}",
    path: () => {
      harness.local.setTeam("acme/dba", [reviewer]);
      return `/orgs/acme/teams/dba/memberships/${reviewer}`;
    },
  },
  { operation: `GET ${R}/activity`, path: at(() => "/activity?ref=refs/heads/main") },
  {
    operation: `POST ${R}/statuses/{sha}`,
    path: at(() => `/statuses/${head}`),
    body: { state: "success", context: "ci" },
  },
  { operation: `GET ${R}/commits/{ref}/status`, path: at(() => `/commits/${head}/status`) },
  { operation: `GET ${R}/commits/{ref}/check-runs`, path: at(() => `/commits/${head}/check-runs`) },
  { operation: `GET ${R}/pulls`, path: at(() => "/pulls?state=all") },
  {
    operation: `POST ${R}/pulls`,
    path: at(() => "/pulls"),
    body: { title: "New", head: "new", base: "main", body: null },
  },
  { operation: `GET ${R}/pulls/{pull_number}`, path: at(() => "/pulls/2") },
  { operation: `PATCH ${R}/pulls/{pull_number}`, path: at(() => "/pulls/1"), body: { title: "Other" } },
  {
    operation: `POST ${R}/pulls/{pull_number}/reviews`,
    path: at(() => "/pulls/1/reviews"),
    body: { event: "APPROVE" },
  },
  { operation: `GET ${R}/pulls/{pull_number}/reviews`, path: at(() => "/pulls/1/reviews") },
  { operation: `POST ${R}/issues`, path: at(() => "/issues"), body: { title: "Dashboard" } },
  { operation: `GET ${R}/issues`, path: at(() => "/issues?state=all") },
  { operation: `GET ${R}/issues/{issue_number}`, path: at(() => "/issues/1") },
  { operation: `PATCH ${R}/issues/{issue_number}`, path: at(() => "/issues/4"), body: { state: "closed" } },
  {
    operation: `POST ${R}/issues/{issue_number}/comments`,
    path: at(() => "/issues/1/comments"),
    body: { body: "Hello" },
  },
  { operation: `GET ${R}/issues/{issue_number}/comments`, path: at(() => "/issues/1/comments") },
  { operation: `GET ${R}/issues/comments/{comment_id}`, path: at(() => `/issues/comments/${commentId()}`) },
  {
    operation: `PATCH ${R}/issues/comments/{comment_id}`,
    path: at(() => `/issues/comments/${commentId()}`),
    body: { body: "Other" },
  },
  {
    operation: `POST ${R}/issues/comments/{comment_id}/reactions`,
    path: at(() => `/issues/comments/${commentId()}/reactions`),
    body: { content: "eyes" },
  },
  {
    operation: `GET ${R}/issues/comments/{comment_id}/reactions`,
    path: at(() => `/issues/comments/${commentId()}/reactions`),
  },
  { operation: `PUT ${R}/pulls/{pull_number}/merge`, path: at(() => "/pulls/1/merge"), body: {} },
];

describe("the local forge answers in GitHub's shapes", () => {
  test.each(CASES)("$operation", async ({ operation, path, body, asApp }) => {
    if (operation.endsWith("/merge")) harness.local.protect(repo, "main", {});
    const answer = await ask(operation.split(" ")[0] ?? "", path(), body, asApp ? appToken : undefined);
    expect(problemsOf(operation, answer)).toEqual([]);
  });

  test("every answer with a body is held to its schema", () => {
    const named = (method: string, path: string) => `${method} ${path.replaceAll(/:\w+\+?|\{\w+\}/g, "*")}`;
    const held = new Set(CASES.map(({ operation }) => named(...(operation.split(" ") as [string, string]))));
    const routes = REST_ROUTES.filter((route) => route.method !== "DELETE");
    expect(routes.map((route) => named(route.method, route.path)).filter((one) => !held.has(one))).toEqual(
      [],
    );
  });

  test("a shape that is wrong is noticed", () => {
    expect(problemsOf("GET /user", { login: 7 })).not.toEqual([]);
  });
});
