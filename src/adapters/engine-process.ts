import { execa, type ResultPromise } from "execa";
import { PlumblineError } from "../model/errors.ts";
import type { EngineResult } from "../ports/engine.ts";
import type { Redactor } from "../ports/redactor.ts";
import { diagnosticsOf, headlineOf } from "./engine-diagnostics.ts";
import { send, sendToEngine } from "./engine-signal.ts";

/** One engine process that may be stopped. */
export interface ProcessSpec {
  readonly binary: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly redactor: Redactor;
  /** What the engine is called in sentences: `terraform plan`. */
  readonly label: string;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
  readonly onLine?: ((line: string) => void) | undefined;
  /** From interrupt to terminate, and from there to kill. */
  readonly graceMs: number;
  /** Bubblewrap stands between us and the engine. */
  readonly behindBwrap?: boolean;
  /** Stdout is data: handed over as it is, in no log. */
  readonly rawStdout?: boolean;
}

export interface ProcessResult extends EngineResult {
  /** Empty unless `rawStdout`. */
  readonly stdout: string;
}

const MAX_OUTPUT = 500_000_000;

/** Runs to the end, or until stopped: interrupt, then terminate, then kill with all that it started. */
export const runProcess = async (spec: ProcessSpec): Promise<ProcessResult> => {
  const started = performance.now();
  const stop = { aborted: false, timedOut: false };
  if (spec.signal?.aborted) return notStarted(spec);
  const line = lineReader(spec);
  const child = execa(spec.binary, [...spec.args], {
    cwd: spec.cwd,
    env: { ...spec.env },
    extendEnv: false,
    stdin: "ignore",
    stdout: spec.rawStdout ? "pipe" : line,
    stderr: line,
    all: true,
    reject: false,
    detached: true,
    maxBuffer: MAX_OUTPUT,
  });
  const release = stopWhenAsked(child, spec, stop);
  const result = await child.finally(release);
  refuseMissing(spec, result);
  const log = spec.redactor.redact((spec.rawStdout ? result.stderr : result.all) ?? "");
  return {
    ...outcomeOf(spec.label, log, result.exitCode ?? null, performance.now() - started, stop),
    stdout: spec.rawStdout ? (result.stdout ?? "") : "",
  };
};

const lineReader = ({ redactor, onLine }: Pick<ProcessSpec, "redactor" | "onLine">) =>
  function* (line: unknown): Generator<string> {
    const clean = redactor.redact(String(line));
    onLine?.(clean);
    yield clean;
  };

const stopWhenAsked = (
  child: Pick<ResultPromise, "pid">,
  { signal, timeoutMs, graceMs, behindBwrap = false }: ProcessSpec,
  stop: { aborted: boolean; timedOut: boolean },
): (() => void) => {
  const timers: NodeJS.Timeout[] = [];
  const later = (ms: number, work: () => void): void => void timers.push(setTimeout(work, ms));
  const escalate = (): void => {
    sendToEngine(child.pid, "SIGINT", behindBwrap);
    later(graceMs, () => sendToEngine(child.pid, "SIGTERM", behindBwrap));
    later(graceMs * 1.5, () => send(child.pid && -child.pid, "SIGKILL"));
  };
  const onAbort = (): void => {
    stop.aborted = true;
    escalate();
  };
  signal?.addEventListener("abort", onAbort, { once: true });
  if (timeoutMs) {
    later(timeoutMs, () => {
      stop.timedOut = true;
      escalate();
    });
  }
  return () => {
    for (const timer of timers) clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
    if (stop.aborted || stop.timedOut) send(child.pid && -child.pid, "SIGKILL"); // providers that outlived the engine
  };
};

const notStarted = (spec: ProcessSpec): ProcessResult => ({
  ...outcomeOf(spec.label, "", null, 0, { aborted: true, timedOut: false }),
  stdout: "",
});

/** What did not even start is an exception: the engine is not there, or its folder is not. */
export const refuseMissing = (
  { binary, cwd }: Pick<ProcessSpec, "binary" | "cwd">,
  result: {
    readonly exitCode?: number | undefined;
    readonly code?: string | undefined;
    readonly cause?: unknown;
  },
): void => {
  if (result.exitCode !== undefined) return;
  const code = result.code ?? (result.cause as NodeJS.ErrnoException | undefined)?.code;
  if (code === "ENOENT" || code === "ENOTDIR") {
    throw new PlumblineError(
      "engine-missing",
      `The engine ${binary} could not be started in ${cwd}: one of them is not there.`,
      {
        cause: result.cause,
      },
    );
  }
  if (code === "EACCES") {
    throw new PlumblineError("engine-missing", `The engine ${binary} may not be executed.`, {
      cause: result.cause,
    });
  }
};

/** `log` is redacted already. */
export const outcomeOf = (
  label: string,
  log: string,
  exitCode: number | null,
  durationMs: number,
  stop: { readonly aborted: boolean; readonly timedOut: boolean },
): EngineResult => {
  const failed = exitCode !== 0;
  const diagnostics = failed ? diagnosticsOf(log) : "";
  const base = { failed, exitCode, ...stop, log, diagnostics, durationMs: Math.round(durationMs) };
  return { ...base, shortMessage: shortMessage(label, base) };
};

const shortMessage = (label: string, result: Omit<EngineResult, "shortMessage">): string => {
  if (!result.failed) return `${label} finished.`;
  if (result.timedOut) return `${label} took longer than its time limit and was stopped.`;
  if (result.aborted) return `${label} was stopped.`;
  const how = result.exitCode === null ? "was killed" : `failed with exit code ${result.exitCode}`;
  const headline = headlineOf(result.diagnostics);
  return headline ? `${label} ${how}: ${headline}` : `${label} ${how}.`;
};
