import { type BackfillRunState, shareDone } from "../model/backfill-run.ts";
import { type FollowUp, followUps, type Outcome } from "../model/job.ts";
import type { BackfillEnd } from "../ports/backfills.ts";
import type { BackfillChange, BackfillRow } from "../ports/ledger-backfills.ts";
import { steadyThrottle } from "../report/backfill-comment.ts";
import { tellStop } from "./backfill-alert.ts";
import { backfillSoon } from "./backfill-approve.ts";
import type { NotYet } from "./backfill-ready.ts";
import { publishSoon } from "./settle-run.ts";
import type { World } from "./world.ts";

/** What a job found when it began, and the token that is in the row by it: of its lease once it was taken. */
export interface Slice {
  readonly row: BackfillRow;
  readonly token: number;
}

/** How far some batches came, and what follows. */
export const after = async (world: World, here: Slice, end: BackfillEnd): Promise<Outcome> => {
  const { progress, wait, load, leftOut, retries } = end;
  const { done, changed, dead, estimate, rate, verification } = progress;
  const now = world.clock.now();
  const measured = {
    ...{ done, changed, dead, total: estimate ?? here.row.total, ...load, leftOut, verification },
    wish: retries ? ("retry" as const) : null,
    ...(rate === null ? {} : { rate }),
    ...(done > here.row.done ? { progressedAt: now } : {}),
  };
  const { state, reason } = standingOf(world, end);
  if (state !== "running" && !retries)
    return settle(world, here, { ...measured, state, reason, throttle: null });
  return again(world, here, { ...measured, throttle: wait?.text ?? null }, wait?.wait ?? 0);
};

/** Where the target's own record says that it is; keys that were left out keep it from being done. */
const standingOf = (
  world: World,
  { progress: { state, reason, dead } }: BackfillEnd,
): { readonly state: BackfillRunState; readonly reason: string | null } => {
  if (state === "done")
    return dead === 0
      ? { state: "done", reason: null }
      : { state: "stopped", reason: `${dead} keys were left out: mend their rows and retry` };
  const why = reason === null ? null : world.redactor.redact(reason);
  if (state === "paused" || state === "stopped") return { state, reason: why };
  return { state: "running", reason: null };
};

/** It does not work now: it comes again by itself, or after another apply. */
export const waits = async (world: World, here: Slice, { kind, text, wait }: NotYet): Promise<Outcome> => {
  if (wait !== null) return again(world, here, { throttle: text }, wait);
  // Who let it go on before its apply ended did not know how that would end.
  const ours = await store(world, here, { reason: text, ...(kind === "apply" ? { wish: null } : {}) });
  return followUps(...(ours && here.row.reason !== text ? told(here.row) : []));
};

const again = async (
  world: World,
  here: Slice,
  set: BackfillChange["set"],
  wait: number,
): Promise<Outcome> => {
  const ours = await store(world, here, set);
  const now = world.clock.now();
  const after = { ...here.row, ...set };
  return followUps(
    ...(ours && isNews(here.row, after) ? told(here.row) : []),
    // Of one that was paused meanwhile too: its database is held then.
    backfillSoon(here.row, new Date(now.getTime() + wait)),
  );
};

/** Forges count writes and people read mails: each tenth of the way is told, and that it waits or does so no more. */
const isNews = (before: BackfillRow, after: BackfillRow): boolean =>
  before.state !== after.state ||
  steady(before) !== steady(after) ||
  before.dead !== after.dead ||
  tenthOf(before) !== tenthOf(after);

const steady = ({ throttle }: BackfillRow): string | null => throttle && steadyThrottle(throttle);

export const tenthOf = (row: Pick<BackfillRow, "state" | "done" | "total">): number | null => {
  const share = shareDone(row);
  return share === null ? null : Math.floor(share * 10);
};

/** A failure that no row is to blame for. */
export const stopped = (world: World, here: Slice, reason: string): Promise<Outcome> =>
  settle(world, here, { state: "stopped", reason, throttle: null, wish: null });

const settle = async (world: World, here: Slice, set: BackfillChange["set"]): Promise<Outcome> => {
  const { row } = here;
  const at = world.clock.now();
  const state = set.state ?? row.state;
  // Statistics said how many there might be; now it is known.
  const ended = state === "done" ? { endedAt: at, total: set.done ?? row.done } : {};
  const ours = await store(
    world,
    here,
    { ...set, ...ended },
    {
      action: `backfill-${state}`,
      details: {
        name: row.name,
        // With the evidence of that apply goes how its backfills ended.
        run: row.run,
        reason: set.reason ?? null,
        done: set.done ?? row.done,
        changed: set.changed ?? row.changed,
        dead: set.dead ?? row.dead,
        left: set.verification?.left ?? null,
      },
    },
  );
  if (!ours) return followUps(backfillSoon(row));
  const stop = state === "stopped" ? [tellStop(row, set.reason ?? "", at)] : [];
  return followUps(...told(row), ...stop);
};

const told = ({ pull }: BackfillRow): readonly FollowUp[] => (pull ? [publishSoon(pull)] : []);

/** Under the lease alone, and never over what a person said meanwhile; false: nothing was stored. */
const store = (
  world: World,
  { row, token }: Slice,
  set: BackfillChange["set"],
  entry: {
    readonly action: string;
    readonly details: { readonly [name: string]: string | number | null };
  } | null = null,
): Promise<boolean> => {
  const at = world.clock.now();
  return world.ledger.transaction(async (ledger) => {
    const now = await ledger.backfills.get(row.workspace, row.name);
    const isOurs = now?.token === token && (token !== row.token || row.state === now.state);
    if (!now || !isOurs) return false;
    // What was asked for meanwhile was not done yet; how far it came counts in every state.
    const wish = now.wish === row.wish ? {} : { wish: now.wish };
    // A newer word of a person, even one that came after a pause, is done by the next job.
    const isAsked = now.wish !== null && now.wish !== row.wish;
    const isHeld =
      now.state === "paused" || now.state === "cancelled" || (isAsked && set.state !== undefined);
    const { state: _state, reason: _reason, throttle: _throttle, endedAt: _endedAt, ...measured } = set;
    const changed = await ledger.backfills.change(row.workspace, row.name, {
      from: isHeld ? [now.state] : ["waiting", "running"],
      token: now.token,
      set: { ...(isHeld ? measured : set), ...wish, updatedAt: at },
    });
    if (isHeld) return false;
    if (changed && entry)
      await ledger.audit.append({ at, actor: "plumbline", subject: row.workspace, ...entry });
    return changed;
  });
};
