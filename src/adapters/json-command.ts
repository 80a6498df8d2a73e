import { execa } from "execa";
import { PlumblineError } from "../model/errors.ts";
import type { Redactor } from "../ports/redactor.ts";

export interface JsonCommandOptions {
  /** Argument vector; no shell reads it. */
  readonly command: readonly string[];
  /** Names of the variables of the service that it may see, beside PATH. */
  readonly names: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs: number;
  readonly redactor: Redactor;
}

/** Gives a command of the operator's the question on stdin and returns what it prints. Throws `context-failed`. */
export const askCommand = async (
  { command: [program = "", ...args], names, env, timeoutMs, redactor }: JsonCommandOptions,
  question: object,
  { about, signal }: { readonly about: string; readonly signal?: AbortSignal },
): Promise<string> => {
  const result = await execa(program, args, {
    env: Object.fromEntries(["PATH", ...names].map((name) => [name, env[name]])),
    extendEnv: false,
    input: JSON.stringify(question),
    reject: false,
    timeout: timeoutMs,
    forceKillAfterDelay: 2_000,
    maxBuffer: MOST,
    ...(signal ? { cancelSignal: signal } : {}),
  });
  if (!result.failed) return result.stdout;
  const [line = ""] = String(result.stderr ?? "")
    .trim()
    .split("\n")
    .slice(-1);
  const why = result.timedOut
    ? `it gave no answer within ${timeoutMs / 1000} s`
    : result.isMaxBuffer
      ? "it printed more than 10 MB"
      : (result.code ?? `it ended with ${result.exitCode}${line === "" ? "" : `: ${line}`}`);
  throw new PlumblineError("context-failed", `The command for ${about} failed: ${redactor.redact(why)}.`);
};

const MOST = 10 * 2 ** 20;
