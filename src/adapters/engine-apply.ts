import { type FileHandle, open } from "node:fs/promises";
import { StringDecoder } from "node:string_decoder";
import { execa } from "execa";
import type { ApplyResult } from "../ports/engine.ts";
import { erroredSince, markApply, spoolOf, unmarkApply } from "./apply-marker.ts";
import { outcomeOf, type ProcessSpec, refuseMissing } from "./engine-process.ts";
import { isThere, send, sendToEngine } from "./engine-signal.ts";

const POLL_MS = 100;

/**
 * An apply is never cut off: it has its own process group, and writes to a file instead of a pipe, since a pipe
 * whose reader died would kill it at its next line. That file and the mark stay until somebody forgets the apply, once
 * its end is stored: a state that the engine could not save must be found whenever this process dies.
 */
export const runApply = async (
  spec: Omit<ProcessSpec, "signal" | "timeoutMs" | "rawStdout">,
  { dataDir, planFile }: { readonly dataDir: string; readonly planFile: string },
  interrupt: AbortSignal | undefined,
): Promise<ApplyResult> => {
  const started = performance.now();
  const marker = await markApply(dataDir, { plan: planFile, cwd: spec.cwd });
  const file = await open(spoolOf(dataDir), "w+", 0o600);
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
    await refusedUnstarted(dataDir, () => refuseMissing(spec, result));
    // Bubblewrap says so by a number.
    const exitCode = spec.behindBwrap && result.exitCode === KILLED ? null : (result.exitCode ?? null);
    if (exitCode === null) await orphansEnded(child.pid, spec.graceMs);
    const log = spec.redactor.redact((await lines).join("\n"));
    const stop = { aborted: interrupt?.aborted === true, timedOut: false };
    const outcome = outcomeOf(spec.label, log, exitCode, performance.now() - started, stop);
    return { ...outcome, erroredState: await erroredSince(marker) };
  } finally {
    await file.close();
  }
};

/** An engine that never came up leaves nothing to look at. */
const refusedUnstarted = async (dataDir: string, refuse: () => void): Promise<void> => {
  try {
    refuse();
  } catch (thrown) {
    await unmarkApply(dataDir);
    throw thrown;
  }
};

const KILLED = 128 + 9;
const ORPHANS_MS = 50;

/** Providers whose engine was killed finish what they ask of the cloud; who does not end by then is ended. */
const orphansEnded = async (pid: number | undefined, graceMs: number): Promise<void> => {
  for (const until = performance.now() + graceMs; pid && performance.now() < until; ) {
    if (!isThere(-pid)) return;
    await new Promise((resolve) => setTimeout(resolve, ORPHANS_MS));
  }
  send(pid && -pid, "SIGKILL");
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
