import { type FileHandle, open, stat } from "node:fs/promises";
import { join } from "node:path";
import { StringDecoder } from "node:string_decoder";
import { execa } from "execa";
import type { ApplyResult } from "../ports/engine.ts";
import { markApply, spoolOf, unmarkApply } from "./apply-marker.ts";
import { outcomeOf, type ProcessSpec, refuseMissing } from "./engine-process.ts";
import { sendToEngine } from "./engine-signal.ts";

const POLL_MS = 100;

/**
 * An apply is never cut off: it has its own process group, and writes to a file instead of a pipe, since a pipe
 * whose reader died would kill it at its next line. The file stays behind only where this process dies.
 */
export const runApply = async (
  spec: Omit<ProcessSpec, "signal" | "timeoutMs" | "rawStdout" | "graceMs">,
  { dataDir, planFile }: { readonly dataDir: string; readonly planFile: string },
  interrupt: AbortSignal | undefined,
): Promise<ApplyResult> => {
  const started = performance.now();
  await markApply(dataDir, { plan: planFile, cwd: spec.cwd });
  const file = await open(spoolOf(dataDir), "w+", 0o600);
  const errored = join(spec.cwd, "errored.tfstate");
  const before = await ageOf(errored);
  try {
    const child = execa(spec.binary, [...spec.args], {
      cwd: spec.cwd,
      env: { ...spec.env },
      extendEnv: false,
      stdin: "ignore",
      stdout: file.fd as Descriptor,
      stderr: file.fd as Descriptor,
      reject: false,
      detached: true,
      buffer: false,
    });
    const release = onceAborted(interrupt, () =>
      sendToEngine(child.pid, "SIGINT", spec.behindBwrap ?? false),
    );
    const lines = followLines(file, spec, child);
    const result = await child.finally(release);
    refuseMissing(spec, result);
    const log = spec.redactor.redact((await lines).join("\n"));
    const stop = { aborted: interrupt?.aborted === true, timedOut: false };
    const outcome = outcomeOf(spec.label, log, result.exitCode ?? null, performance.now() - started, stop);
    return { ...outcome, erroredState: (await ageOf(errored)) === before ? null : errored };
  } finally {
    await file.close();
    await unmarkApply(dataDir);
  }
};

// execa passes any open descriptor on; its types name the first ten.
type Descriptor = 3 | 4 | 5 | 6 | 7 | 8 | 9;

const onceAborted = (signal: AbortSignal | undefined, act: () => void): (() => void) => {
  if (signal?.aborted) act();
  signal?.addEventListener("abort", act, { once: true });
  return () => signal?.removeEventListener("abort", act);
};

// Reads what the process has written so far, until it has ended and everything is read.
const followLines = async (
  file: FileHandle,
  { redactor, onLine }: Pick<ProcessSpec, "redactor" | "onLine">,
  child: Promise<unknown>,
): Promise<string[]> => {
  const lines: string[] = [];
  const take = (line: string): void => {
    const clean = redactor.redact(line);
    lines.push(clean);
    onLine?.(clean);
  };
  const state = { ended: false, at: 0, rest: "", decoder: new StringDecoder("utf8") };
  const end = child.finally(() => {
    state.ended = true;
  });
  for (;;) {
    const wasEnded = state.ended;
    await readOn(file, state, take);
    if (wasEnded) break;
    await Promise.race([end, new Promise((resolve) => setTimeout(resolve, POLL_MS))]);
  }
  if (state.rest) take(state.rest);
  return lines;
};

const readOn = async (
  file: FileHandle,
  state: { at: number; rest: string; readonly decoder: StringDecoder },
  take: (line: string) => void,
): Promise<void> => {
  const buffer = Buffer.alloc(65_536);
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, state.at);
    if (bytesRead === 0) return;
    state.at += bytesRead;
    const parts = (state.rest + state.decoder.write(buffer.subarray(0, bytesRead))).split("\n");
    state.rest = parts.pop() ?? "";
    for (const line of parts) take(line);
  }
};

// A file that lay there before, from a commit or an earlier run, is not this apply's.
const ageOf = (file: string): Promise<bigint | null> =>
  stat(file, { bigint: true }).then(
    ({ mtimeNs }) => mtimeNs,
    () => null,
  );
