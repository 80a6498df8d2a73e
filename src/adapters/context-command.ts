import { execa } from "execa";
import { PlumblineError } from "../model/errors.ts";
import type { ContextSource } from "../ports/context-source.ts";
import type { Redactor } from "../ports/redactor.ts";

export interface ContextCommandOptions {
  /** Argument vector; no shell reads it. */
  readonly command: readonly string[];
  /** Names of the variables of the service that it may see, beside PATH. */
  readonly names: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs: number;
  readonly redactor: Redactor;
}

/** A command of the operator's that is given the question on stdin and prints JSON. */
export const contextCommand = (options: ContextCommandOptions): ContextSource => ({
  async ask(question, signal) {
    const [program = "", ...args] = options.command;
    const { env, timeoutMs, redactor } = options;
    const result = await execa(program, args, {
      env: Object.fromEntries(["PATH", ...options.names].map((name) => [name, env[name]])),
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
    throw new PlumblineError(
      "context-failed",
      `The command for resource context failed: ${redactor.redact(why)}.`,
    );
  },
});

const MOST = 10 * 2 ** 20;
