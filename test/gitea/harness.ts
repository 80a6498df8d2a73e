import { setTimeout as wait } from "node:timers/promises";
import { createGiteaForge } from "../../src/adapters/gitea.ts";
import type { Log } from "../../src/ports/log.ts";
import type { ForgeHarness, HarnessFiles, HarnessUser } from "../contract/forge-harness.ts";
import { type Gitea, GiteaAnswer, startGitea } from "./server.ts";

/** The forge contract's world on a real Gitea. */
export const giteaHarness = async (): Promise<ForgeHarness> => {
  const gitea = await startGitea();
  let last = 0;
  const next = (): number => {
    last += 1;
    return last;
  };
  const forge = createGiteaForge({
    apiUrl: gitea.url,
    token: gitea.adminToken,
    log: quiet,
    clock: { now: () => new Date(), wait: (ms) => wait(ms) },
  });
  return {
    forge,
    login: gitea.adminLogin,
    async createRepo(files) {
      const repo = await gitea.createRepo(`repo-${next()}`);
      await commit(gitea, repo, "main", files, gitea.adminLogin);
      return repo;
    },
    async addUser(repo, permission) {
      const { login } = await gitea.addUser(`user-${next()}`);
      await gitea.api("PUT", `/repos/${repo}/collaborators/${login}`, { permission });
      return userOf(gitea, login);
    },
    async requireStatuses(repo, contexts) {
      const rule = { rule_name: "main", enable_push: true, enable_status_check: true };
      await gitea.api("POST", `/repos/${repo}/branch_protections`, {
        ...rule,
        status_check_contexts: contexts,
      });
    },
    async openIssues(repo) {
      const found = await gitea.api<unknown[]>("GET", `/repos/${repo}/issues?state=open&type=issues`);
      return found.length;
    },
    async reactions({ repo }, comment) {
      const path = `/repos/${repo}/issues/comments/${comment}/reactions`;
      const found = await gitea.api<{ content: string }[] | null>("GET", path);
      return (found ?? []).map((reaction) => reaction.content);
    },
    async remarks({ repo, number }) {
      const reviews = `/repos/${repo}/pulls/${number}/reviews`;
      const all = await gitea.api<{ id: number }[]>("GET", reviews);
      const held = await Promise.all(
        all.map(({ id }) => gitea.api<{ path: string; body: string }[]>("GET", `${reviews}/${id}/comments`)),
      );
      return held.flat().map(({ path, body }) => ({ path, body }));
    },
    branch: (repo, branch) => branchHead(gitea, repo, branch),
    settled: () => gitea.settle(),
    stop: () => gitea.stop(),
  };
};

const note = (): void => {};
const quiet: Log = { debug: note, info: note, warn: note, error: note, child: () => quiet };

const userOf = (gitea: Gitea, login: string): HarnessUser => ({
  login,
  push: (repo, branch, files, options) => commit(gitea, repo, branch, files, login, options?.from ?? "main"),
  async openPull(repo, { title, body = "", head, base = "main", draft }) {
    const words = { title: draft ? `WIP: ${title}` : title, body, head, base };
    return (await gitea.api<{ number: number }>("POST", `/repos/${repo}/pulls`, words, login)).number;
  },
  async comment({ repo, number }, body) {
    const path = `/repos/${repo}/issues/${number}/comments`;
    return (await gitea.api<{ id: number }>("POST", path, { body }, login)).id;
  },
  async review({ repo, number }, verdict) {
    const event = verdict === "approve" ? "APPROVED" : "REQUEST_CHANGES";
    await gitea.api(
      "POST",
      `/repos/${repo}/pulls/${number}/reviews`,
      { event, body: "Looked at it." },
      login,
    );
  },
  async close({ repo, number }) {
    await gitea.api("PATCH", `/repos/${repo}/pulls/${number}`, { state: "closed" }, login);
  },
});

/** One commit through the API, which counts as a push by that person. */
export const commit = async (
  gitea: Gitea,
  repo: string,
  branch: string,
  files: HarnessFiles,
  as: string,
  from = branch,
): Promise<string> => {
  const known = (await branchHead(gitea, repo, branch)) !== null;
  const start = known ? branch : from;
  const changes = [];
  for (const [path, content] of Object.entries(files)) {
    const sha = await blobOf(gitea, repo, path, start);
    const operation = content === null ? "delete" : sha === null ? "create" : "update";
    const encoded = content === null ? {} : { content: Buffer.from(content).toString("base64") };
    changes.push({ operation, path, ...encoded, ...(sha === null ? {} : { sha }) });
  }
  const place = known || start === branch ? { branch } : { branch: start, new_branch: branch };
  const body = { ...place, message: `Change ${Object.keys(files).join(", ")}`, files: changes };
  const answer = await gitea.api<{ commit: { sha: string } }>("POST", `/repos/${repo}/contents`, body, as);
  return answer.commit.sha;
};

const branchHead = async (gitea: Gitea, repo: string, branch: string): Promise<string | null> => {
  const found = await orNull(
    gitea.api<{ commit: { id: string } }>("GET", `/repos/${repo}/branches/${branch}`),
  );
  return found?.commit.id ?? null;
};

const blobOf = async (gitea: Gitea, repo: string, path: string, ref: string): Promise<string | null> => {
  const address = `/repos/${repo}/contents/${path}?ref=${encodeURIComponent(ref)}`;
  return (await orNull(gitea.api<{ sha: string }>("GET", address)))?.sha ?? null;
};

const orNull = <T>(asked: Promise<T>): Promise<T | null> =>
  asked.catch((thrown: unknown) => {
    if (thrown instanceof GiteaAnswer && thrown.status === 404) return null;
    throw thrown;
  });
