import { asPlumblineError, PlumblineError } from "../model/errors.ts";
import type { FollowUp, Outcome } from "../model/job.ts";
import { nothing } from "../model/job.ts";
import type { Json } from "../model/json.ts";
import type { Run, RunError, RunState, RunStep } from "../model/run.ts";
import { inSpan } from "../model/span.ts";
import { along } from "../model/trail.ts";
import type { Lease, Ledger, WorkspaceRow } from "../ports/ledger.ts";
import { patiently } from "./patiently.ts";
import type { RunLog } from "./run-log.ts";
import { openRunLog } from "./run-log.ts";
import { runSpan } from "./run-span.ts";
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

/** How a run ended, and all that is stored in the one transaction that settles it. */
export interface Settled {
  readonly to: RunState;
  readonly commit?: string;
  readonly error?: RunError;
  readonly result: Json;
  readonly followUps: readonly FollowUp[];
  readonly store?: (ledger: Ledger) => Promise<void>;
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
  const publish = run.pull ? [publishSoon(run.pull)] : [];
  return {
    to: stopped ? (cancelled ? "cancelled" : "interrupted") : "failed",
    error: { code, message: world.redactor.redact(message), hint },
    result: run.result,
    followUps: stopped && !cancelled ? [...publish, ...planAgain(run)] : publish,
  };
};

/** Reason of the signal of a run that a person cancelled. */
export const CANCELLED = "cancelled";

const stoppedError = (cancelled: boolean): PlumblineError =>
  new PlumblineError(
    "interrupted",
    cancelled ? "The run was cancelled." : "Plumbline was stopped while this ran.",
  );

/** What ended with its process before it changed anything is made again; nobody has to ask for it. */
export const planAgain = (run: Run): readonly FollowUp[] => {
  const { pull, head, requestedBy: by } = run;
  if (!pull || !head) return [];
  if (run.kind === "plan")
    return [{ job: { kind: "assess", pull, head, trigger: "recovered", by, only: [run.workspace] } }];
  // What was asked for by a comment may be asked for again; a merge happens once.
  return run.kind === "apply" && run.trigger === "merge" ? [{ job: { kind: "merge", pull, by } }] : [];
};

const settle = async (
  world: World,
  run: Run,
  lease: Lease,
  settled: Settled,
  log: string | null,
): Promise<void> => {
  const at = world.clock.now();
  const kept = await world.ledger.transaction(async (ledger) => {
    const changed = await ledger.runs.transition(run.id, {
      from: ["running", "apply-started", "verifying"],
      to: settled.to,
      token: lease.token,
      at,
      result: settled.result,
      ...(log === null ? {} : { logArtifact: log }),
      ...(settled.commit === undefined ? {} : { commit: settled.commit }),
      ...(settled.error === undefined ? {} : { error: settled.error }),
    });
    if (!changed) return false;
    if (log !== null) await ledger.runLogs.forget(run.id);
    await settled.store?.(ledger);
    await ledger.outbox.add(await paced(ledger, run, settled.followUps, at), at);
    return true;
  });
  if (kept) world.log.info("a run ended", endOf(run, settled, at));
  else world.log.warn("a result came too late and was thrown away", { run: run.id, token: lease.token });
  world.nudge();
};

const endOf = ({ kind, workspace, createdAt }: Run, { to, error }: Settled, at: Date): object => ({
  ...{ kind, workspace, state: to, ms: at.getTime() - createdAt.getTime() },
  ...(error ? { code: error.code } : {}),
});

/**
 * While other plans of the pull request are on their way, what is new is told a little later, and with theirs where
 * they end sooner: forges count writes, and people read mails. The last plan's word goes out at once.
 */
const paced = async (
  ledger: Ledger,
  run: Run,
  followUps: readonly FollowUp[],
  at: Date,
): Promise<readonly FollowUp[]> => {
  if (run.kind !== "plan" || !run.pull || !followUps.some(({ job }) => job.kind === "publish"))
    return followUps;
  const { head } = run;
  const runs = await ledger.runs.list({ pull: run.pull });
  const othersGoOn = runs.some(
    (other) => other.id !== run.id && other.kind === "plan" && other.head === head && isOnItsWay(other),
  );
  return othersGoOn
    ? followUps.map((one) => (one.job.kind === "publish" ? unhurried(one, at) : one))
    : followUps;
};

const isOnItsWay = ({ state }: Run): boolean => state === "queued" || state === "running";

const UNHURRIED_MS = 3_000;

/** What somebody else's end will tell as well may wait for it. */
export const unhurried = (followUp: FollowUp, now: Date): FollowUp => ({
  ...followUp,
  notBefore: new Date(now.getTime() + UNHURRIED_MS),
});

/** Publishes are coalesced: one waits per pull request, however many runs end. */
export const publishSoon = (pull: { repo: string; number: number }): FollowUp => ({
  job: { kind: "publish", pull: { repo: pull.repo, number: pull.number } },
  dedupeKey: `publish:${pull.repo}#${pull.number}`,
});
