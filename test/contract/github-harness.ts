import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LocalForge, startForge } from "../../demo/forge/forge.ts";
import { createGithubForge, type GithubOptions } from "../../src/adapters/github.ts";
import type { Log } from "../../src/ports/log.ts";
import type { ForgeHarness, HarnessUser } from "./forge-harness.ts";

export const SILENT: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => SILENT };

export interface GithubHarness extends ForgeHarness {
  readonly local: LocalForge;
  /** Another adapter on the same forge. */
  open(options?: Partial<GithubOptions>): ForgeHarness["forge"];
}

/** The GitHub adapter on a forge of our own; a second of back-off lasts a millisecond. */
export const githubHarness = async (): Promise<GithubHarness> => {
  const dir = await mkdtemp(join(tmpdir(), "plumbline-forge-"));
  const local = await startForge({ dir });
  const login = "plumbline[bot]";
  const token = local.addUser(login, "admin", { bot: true });
  const open = (options: Partial<GithubOptions> = {}) =>
    createGithubForge({
      apiUrl: local.apiUrl,
      auth: { type: "token", token },
      log: SILENT,
      secondMs: 1,
      ...options,
    });
  let made = 0;
  const fresh = (kind: string): string => {
    made += 1;
    return `${kind}-${made}`;
  };
  return {
    local,
    open,
    forge: open(),
    login,
    async createRepo(files) {
      const repo = `acme/${fresh("infra")}`;
      await local.createRepo(repo, { files });
      return repo;
    },
    async addUser(repo, permission) {
      const user = fresh("person");
      local.addUser(user, "none");
      local.setPermission(repo, user, permission);
      return userOf(local, user);
    },
    setTeam: async (team, logins) => local.setTeam(team, logins),
    async requireStatuses(repo, contexts) {
      local.protect(repo, "main", { contexts });
    },
    openIssues: async (repo) => local.issues(repo).filter((issue) => issue.state === "open").length,
    reactions: async ({ repo, number }, id) =>
      (local.comments(repo, number).find((comment) => comment.id === id)?.reactions ?? []).map(
        (reaction) => reaction.content,
      ),
    remarks: async ({ repo, number }) =>
      local
        .pull(repo, number)
        .pull.reviews.flatMap(({ remarks }) => remarks.map(({ path, body }) => ({ path, body }))),
    branch: (repo, branch) => local.branch(repo, branch),
    settled: async () => {},
    async stop() {
      await local.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
};

const userOf = (local: LocalForge, login: string): HarnessUser => {
  const actor = local.as(login);
  return {
    login,
    push: (repo, branch, files, options) => actor.pushFiles(repo, branch, files, "Change", options),
    openPull: (repo, pull) => actor.openPull(repo, pull),
    comment: (ref, body) => actor.comment(ref, body),
    review: (ref, verdict) => actor.review(ref, verdict),
    close: (ref) => actor.close(ref),
  };
};
