import { asPlumblineError, PlumblineError } from "../model/errors.ts";
import { nothing, type Outcome } from "../model/job.ts";
import { CANCELLED, type Run, type RunStep } from "../model/run.ts";
import { inSpan } from "../model/span.ts";
import { along } from "../model/trail.ts";
import type { WorkspaceRow } from "../ports/ledger.ts";
import type { Lease } from "../ports/ledger-leases.ts";
import { patiently } from "./patiently.ts";
import type { RunLog } from "./run-log.ts";
import { openRunLog } from "./run-log.ts";
import { runSpan } from "./run-span.ts";
import { planAgain, published, type Settled, settle } from "./settle-run.ts";
import type { World } from "./world.ts";

/** What every pipeline works with: its run, its workspace, its lease, its log and a private folder. */
export interface Scratch {
  readonly run: Run;
  readonly workspace: WorkspaceRow;
  readonly lease: Lease;
  /** Aborts when the lease is lost or the service drains; never handed to an apply. */
  readonly signal: AbortSignal;
  readonly log: RunLog;
  readonly folder: string;
  /** Work that nobody waits for: done after the run is settled, still under the lease. */
  afterwards(work: () => Promise<void>): void;
  /** Runs a named step: its times and its end are kept, and the log folds by it. */
  step<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** The same, but its steps heed this signal alone. */
  heeding(signal: AbortSignal): Scratch;
}

/**
 * Runs one pipeline under its workspace's lease and settles it exactly once, on success and on failure: state, result
 * and follow-ups are stored in one transaction that compares the fencing token. A stale result is thrown away.
 */
export const frame = async (
  world: World,
  runId: string,
  signal: AbortSignal,
  body: (scratch: Scratch) => Promise<Settled>,
): Promise<Outcome> => {
  const run = await world.ledger.runs.get(runId);
  if (run?.state !== "queued") return nothing;
  const workspace = await world.ledger.workspaces.get(run.workspace);
  if (!workspace)
    throw new PlumblineError("workspace-unknown", `The workspace ${run.workspace} is not known.`);
  const outcome = await world.withLease(run.workspace, run.id, (lease, lost) =>
    along(world.log, { run: run.id }, () =>
      runSpan(world, run, () =>
        underLease(world, run, workspace, lease, AbortSignal.any([signal, lost]), body),
      ),
    ),
  );
  if ("value" in outcome) return nothing;
  const { run: holder } = outcome.busy;
  if (outcome.account !== undefined)
    throw new PlumblineError(
      "account-busy",
      `As many runs work in the account ${outcome.account} as it allows, among them ${holder}.`,
      { detail: { holder } },
    );
  throw new PlumblineError("workspace-busy", `The run ${holder} holds ${run.workspace}.`, {
    detail: { holder },
  });
};

const underLease = async (
  world: World,
  run: Run,
  workspace: WorkspaceRow,
  lease: Lease,
  signal: AbortSignal,
  body: (scratch: Scratch) => Promise<Settled>,
): Promise<Settled | null> => {
  const started = await world.ledger.runs.transition(run.id, {
    from: ["queued"],
    to: "running",
    token: lease.token,
    at: world.clock.now(),
  });
  if (!started) return null;
  const place = await world.files.scratch(run.id);
  const log = openRunLog(world, run.id);
  world.log.info("a run began", { kind: run.kind, workspace: run.workspace });
  const later: (() => Promise<void>)[] = [() => place.dispose()];
  const afterwards = (work: () => Promise<void>): void => void later.push(work);
  try {
    const context = { run, workspace, lease, signal, log, folder: place.path, afterwards };
    const settled = await attempt(world, context, body);
    await settle(patiently(world), run, lease, settled, await savedLog(world, run, log));
    return settled;
  } finally {
    await tidyUp(world, run, later);
  }
};

/** A run says its end without its log where that cannot be kept. */
const savedLog = async (world: World, run: Run, log: RunLog): Promise<string | null> => {
  try {
    return await log.save(`runs/${run.id}/log`);
  } catch (error) {
    world.log.warn("the log of a run could not be kept", { run: run.id, error });
    return null;
  }
};

/** What is left lying here is found by the next sweep; the run has said its end. */
const tidyUp = async (world: World, run: Run, later: readonly (() => Promise<void>)[]): Promise<void> => {
  for (const end of await Promise.allSettled(later.map((work) => work()))) {
    if (end.status === "rejected")
      world.log.warn("a run left something behind", { run: run.id, error: end.reason });
  }
};

const attempt = async (
  world: World,
  context: Omit<Scratch, "step" | "heeding">,
  body: (scratch: Scratch) => Promise<Settled>,
): Promise<Settled> => {
  const notes = noteTaker(world);
  const heeding = (signal: AbortSignal): Scratch => ({
    ...context,
    signal,
    step: (name, work) => timed(world, { ...context, signal }, notes.keep, name, work),
    heeding,
  });
  try {
    const settled = await body(heeding(context.signal));
    await notes.kept();
    return settled;
  } catch (thrown) {
    await notes.kept().catch(() => {}); // The run has failed already.
    return failed(world, context, thrown);
  }
};

/** Writes notes on steps down one after another, while the steps go on. */
const noteTaker = (impatient: World) => {
  const world = patiently(impatient);
  let last: Promise<void> = Promise.resolve();
  return {
    keep: (note: RunStep): void => {
      last = last.then(() => world.ledger.runs.step(note));
      last.catch(() => {}); // Told by `kept`.
    },
    kept: () => last,
  };
};

const timed = async <T>(
  world: World,
  context: Omit<Scratch, "step" | "heeding">,
  note: (step: RunStep) => void,
  name: string,
  work: () => Promise<T>,
): Promise<T> => {
  const startedAt = world.clock.now();
  const keep = (endedAt: Date | null, ok: boolean | null): void =>
    note({ run: context.run.id, name, startedAt, endedAt, ok });
  context.signal.throwIfAborted();
  context.log.line(`== ${name}`);
  keep(null, null);
  try {
    const value = await inSpan(world.tracer, name, {}, work);
    keep(world.clock.now(), true);
    return value;
  } catch (thrown) {
    keep(world.clock.now(), false);
    throw thrown;
  }
};

const failed = (world: World, context: Omit<Scratch, "step" | "heeding">, thrown: unknown): Settled => {
  const { run, signal } = context;
  const error = asPlumblineError(thrown);
  const stopped = signal.aborted;
  if (error.code === "bug" && !stopped)
    world.log.error("a run failed by our own mistake", { run: run.id, error });
  context.log.line(`error: ${error.message}`);
  const cancelled = signal.reason === CANCELLED;
  const { code, message, hint } = stopped ? stoppedError(cancelled) : error;
  return {
    to: stopped ? (cancelled ? "cancelled" : "interrupted") : "failed",
    error: { code, message: world.redactor.redact(message), hint },
    result: run.result,
    followUps: [...published(run), ...(stopped && !cancelled ? planAgain(run) : [])],
  };
};

const stoppedError = (cancelled: boolean): PlumblineError =>
  new PlumblineError(
    "interrupted",
    cancelled ? "The run was cancelled." : "Plumbline was stopped while this ran.",
  );
