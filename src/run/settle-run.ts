import { PlumblineError } from "../model/errors.ts";
import type { FollowUp } from "../model/job.ts";
import { isJsonObject, type Json } from "../model/json.ts";
import type { PullRef } from "../model/pull.ts";
import type { Run, RunError, RunState } from "../model/run.ts";
import type { Ledger } from "../ports/ledger.ts";
import type { Lease } from "../ports/ledger-leases.ts";
import type { World } from "./world.ts";

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
 * Stores how a run ended, once, while the workspace is its own. What was only looked at and came too late is made again;
 * any other late result is thrown away.
 */
export const settle = async (
  world: World,
  run: Run,
  lease: Lease,
  settled: Settled,
  log: string | null,
): Promise<void> => {
  if (await stored(world, run, lease, settled, log)) return world.nudge();
  // The workspace is somebody else's by now: what was only looked at is made again.
  const lost = await stored(world, run, lease, lateEnd(run), log, ["running"]);
  if (!lost)
    world.log.warn("a result came too late and was thrown away", { run: run.id, token: lease.token });
  world.nudge();
};

const lateEnd = (run: Run): Settled => {
  const { code, message, hint } = new PlumblineError(
    "interrupted",
    "Another run took the workspace over before this one had ended.",
  );
  return {
    to: "interrupted",
    error: { code, message, hint },
    result: run.result,
    followUps: [...published(run), ...planAgain(run)],
  };
};

/** Whoever looks at the run's pull request is to see its end. */
export const published = ({ pull }: Run): readonly FollowUp[] => (pull ? [publishSoon(pull)] : []);

/** False where the run is no longer ours to end; nothing changes then. */
const stored = async (
  world: World,
  run: Run,
  lease: Lease,
  settled: Settled,
  log: string | null,
  from: readonly RunState[] = ["running", "apply-started", "verifying"],
): Promise<boolean> => {
  const at = world.clock.now();
  const kept = await world.ledger.transaction(async (ledger) => {
    const changed = await ledger.runs.transition(run.id, {
      from,
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
    const followUps = [...settled.followUps, ...(await afterMerge(ledger, run, settled))];
    await ledger.outbox.add(await paced(ledger, run, followUps, at), at);
    return true;
  });
  if (kept) world.log.info("a run ended", endOf(run, settled, at));
  return kept;
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

/** Looks what is due, and at what nobody planned: once per pull request, however many ask for it. */
export const mergeSoon = ({ repo, number }: PullRef, by: string): FollowUp => ({
  job: { kind: "merge", pull: { repo, number }, by },
  dedupeKey: `merge:${repo}#${number}`,
});

/**
 * Somebody merged while this was planned, and there is no plan: the merge must say so. A plan waits for a word. Before
 * the merge: what ends without a change may have been the last that an automerge waited for.
 */
const afterMerge = async (ledger: Ledger, run: Run, { to }: Settled): Promise<readonly FollowUp[]> => {
  if (run.kind !== "plan" || !run.pull) return [];
  const row = await ledger.pulls.get(run.pull);
  const looks = to === "succeeded" ? await isAwaited(ledger, run) : row?.state === "merged";
  return looks ? [mergeSoon(run.pull, run.requestedBy)] : [];
};

const isAwaited = async (ledger: Ledger, { pull, head, result }: Run): Promise<boolean> => {
  const rules = isJsonObject(result) ? result["rules"] : undefined;
  if (!pull || !isJsonObject(rules) || rules["automerge"] !== true) return false;
  const applied = await ledger.runs.list({ pull, kind: "apply", states: ["succeeded"] });
  return applied.some((apply) => apply.head === head);
};

const UNSEEN =
  "What you asked for was begun, and its end was not seen. Look at what it did, then comment the same again: what is done already is not done twice.";

/** What ended with its process before it changed anything is made again; nobody has to ask for it. */
export const planAgain = (run: Run): readonly FollowUp[] => {
  const { pull, head, requestedBy: by } = run;
  if (pull && run.kind === "state")
    return [{ job: { kind: "reply", key: `reply:${run.id}`, pull, body: UNSEEN } }];
  if (!pull || !head) return [];
  if (run.kind === "plan")
    return [{ job: { kind: "assess", pull, head, trigger: "recovered", by, only: [run.workspace] } }];
  // What was asked for by a comment may be asked for again; a merge happens once.
  return run.kind === "apply" && run.trigger === "merge" ? [{ job: { kind: "merge", pull, by } }] : [];
};
