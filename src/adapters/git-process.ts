import { execa } from "execa";
import { PlumblineError } from "../model/errors.ts";
import type { Redactor } from "../ports/redactor.ts";
import type { Environment } from "./git-environment.ts";

export interface GitResult {
  readonly exitCode: number;
  readonly stdout: Buffer;
  /** Redacted. */
  readonly stderr: string;
}

export interface GitCall {
  /** Instead of the plain environment. */
  readonly env?: Environment;
  /** Beside the environment. */
  readonly more?: Environment;
  readonly input?: string | Uint8Array;
  readonly timeoutMs?: number;
}

/** Runs git by argument vector; any exit code is a result, and only a git that cannot run is an error. */
export type RunGit = (args: readonly string[], call?: GitCall) => Promise<GitResult>;

export const gitRunner =
  (cwd: string, base: Environment, redactor: Redactor): RunGit =>
  async (args, { env = base, more, input, timeoutMs } = {}) => {
    const result = await execa("git", args, {
      cwd,
      env: more ? { ...env, ...more } : env,
      extendEnv: false,
      reject: false,
      encoding: "buffer",
      stripFinalNewline: false,
      maxBuffer: 1 << 30,
      ...(input === undefined ? { stdin: "ignore" as const } : { input }),
      ...(timeoutMs === undefined ? {} : { timeout: timeoutMs }),
    });
    if (result.code === "ENOENT") throw gitMissing();
    const stderr = redactor.redact(Buffer.from(result.stderr ?? "").toString());
    const why = result.timedOut ? `${stderr}\nfatal: no answer within ${timeoutMs} ms` : stderr;
    return { exitCode: result.exitCode ?? -1, stdout: Buffer.from(result.stdout ?? ""), stderr: why };
  };

export const gitMissing = (): PlumblineError =>
  new PlumblineError("git-missing", "There is no git on the PATH.");

/** The result of a call that must have worked; else `git-failed` with git's own reason in one line. */
export const mustWork = (what: string, result: GitResult): GitResult => {
  if (result.exitCode === 0) return result;
  if (GONE.test(result.stderr)) throw gitRewritten(what, result.stderr);
  throw gitFailed(what, result.stderr, result.exitCode);
};

export const gitFailed = (what: string, stderr: string, exitCode?: number): PlumblineError =>
  new PlumblineError("git-failed", `${what} failed: ${reason(stderr)}`, {
    detail: { exitCode, stderr: stderr.slice(-4_000) },
  });

const GONE =
  /bad object|bad revision|unknown revision|not a valid (commit|object) name|not a tree object|not a valid object|invalid object name|invalid revision range|invalid reference|not something we can merge/i;

export const gitRewritten = (what: string, stderr = ""): PlumblineError =>
  new PlumblineError("git-rewritten", `${what} failed: the commit is not in the repository any more.`, {
    detail: { stderr: stderr.slice(-4_000) },
  });

const reason = (stderr: string): string => {
  const lines = stderr
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const told = lines.find((line) => /^(fatal|error|!|remote: error):?/i.test(line)) ?? lines.at(-1);
  return told?.replace(/^(fatal|error): /, "") ?? "git gave no reason";
};
