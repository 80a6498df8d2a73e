import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { createGit } from "../../src/adapters/git.ts";
import type { GitOptions } from "../../src/adapters/git-options.ts";
import type { Git } from "../../src/ports/git.ts";
import type { Log } from "../../src/ports/log.ts";
import { type GitRemote, type Person, startGitRemote } from "./git-remote.ts";

export interface GitWorld {
  readonly git: Git;
  readonly remote: GitRemote;
  readonly person: Person;
  readonly repo: string;
  readonly root: string;
  readonly learned: string[];
  readonly clock: { time: number };
}

/** A real git over a real remote with one repository `acme/infra`, gone after the test. */
export const gitWorld = async (more: Partial<GitOptions> = {}): Promise<GitWorld> => {
  const remote = await startGitRemote();
  const root = mkdtempSync(join(tmpdir(), "plumbline-git-"));
  onTestFinished(async () => {
    await remote.close();
    rmSync(root, { recursive: true, force: true });
  });
  const clock = { time: Date.parse("2026-01-02T03:04:05Z") };
  const learned: string[] = [];
  const git = createGit({
    root,
    access: async (repo) => ({
      url: remote.url(repo),
      username: remote.username,
      password: remote.password,
    }),
    env: process.env,
    clock: { now: () => new Date(clock.time) },
    redactor: {
      redact: (text) => learned.reduce((left, secret) => left.replaceAll(secret, "(redacted)"), text),
      learn: (secret) => void learned.push(secret),
    },
    log: SILENT,
    ...more,
  });
  const repo = "acme/infra";
  return { git, remote, person: remote.add(repo), repo, root, learned, clock };
};

const SILENT: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => SILENT };
