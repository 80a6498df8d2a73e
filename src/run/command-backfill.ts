import {
  BACKFILL_VERBS,
  type BackfillRunState,
  type BackfillVerb,
  concerns,
  UNFINISHED,
} from "../model/backfill-run.ts";
import type { FollowUp } from "../model/job.ts";
import type { BackfillChange, BackfillRow } from "../ports/ledger-backfills.ts";
import { backfillLines } from "../report/backfill-comment.ts";
import { code } from "../report/escape.ts";
import { type Asked, type CommandHandler, reply } from "./asked.ts";
import { tellStopEnded } from "./backfill-alert.ts";
import { backfillSoon } from "./backfill-approve.ts";
import { overrideSaid } from "./override-freeze.ts";
import { noteRefusal } from "./privileged.ts";
import { matches } from "./select.ts";
import { publishSoon } from "./settle-run.ts";
import type { World } from "./world.ts";

/**
 * `backfill pause|resume|retry|cancel|status [NAME]`: of this pull request's backfills, or of the workspace that is
 * named. Nothing is cut off: a pause holds at the next border between two batches.
 */
export const backfillCommand: CommandHandler = async (world, asked) => {
  const told = await tellBackfills(world, asked);
  return "refused" in told ? [reply(asked, told.refused)] : told.followUps;
};

/** What follows from a word about backfills, or why nothing was done. A refusal is in the audit by then. */
export const tellBackfills = async (
  world: World,
  asked: Asked,
): Promise<{ readonly followUps: readonly FollowUp[] } | { readonly refused: string }> => {
  const [verb = "", name] = asked.command.args ?? [];
  const rows = (await rowsFor(world, asked)).filter((row) => name === undefined || row.name === name);
  if (rows.length === 0) return refuse(world, asked, "There is no backfill of that name here.");
  if (verb === "status") return { followUps: [reply(asked, rows.flatMap(backfillLines).join("\n"))] };
  const act = await actOf(world, asked, verb);
  if ("refused" in act) return refuse(world, asked, act.refused);
  const changed = await changeAll(world, asked, act, rows.filter(act.concerns));
  if (changed.length === 0) return refuse(world, asked, `No backfill here can be told to ${code(verb)} now.`);
  const names = changed.map((row) => code(row.name)).join(", ");
  const { done, more = "" } = act;
  return { followUps: [reply(asked, `${done} ${names}.${more}`), publishSoon(asked.pull)] };
};

const rowsFor = async (world: World, { pull, command }: Asked): Promise<readonly BackfillRow[]> => {
  const namesOne = command.dir ?? command.workspace ?? command.project;
  if (namesOne === undefined) return world.ledger.backfills.list({ pull });
  // Those of workspaces that left the code too: somebody has to be able to cancel them.
  const known = await world.ledger.workspaces.list({ repo: pull.repo });
  const keys = known.filter((row) => matches(command, row)).map(({ key }) => key);
  const rows = await Promise.all(keys.map((workspace) => world.ledger.backfills.list({ workspace })));
  return rows.flat();
};

interface Act {
  readonly concerns: (row: BackfillRow) => boolean;
  readonly set: (row: BackfillRow, by: string) => BackfillChange["set"];
  readonly action: string;
  readonly done: string;
  readonly more?: string;
  /** Into the audit. */
  readonly why?: string;
}

/** What a word does; one that sets freezes aside does it for whatever is not finished. */
const actOf = async (
  world: World,
  asked: Asked,
  verb: string,
): Promise<Act | { readonly refused: string }> => {
  const known = BACKFILL_VERBS.find((one) => one === verb);
  if (known === undefined) return { refused: `There is no ${code(`backfill ${verb}`)}.` };
  const plain: Act = { ...ACTS[known], concerns: (row) => concerns(known, row) };
  const override = await overrideSaid(world, asked);
  if (override === null || "refused" in override) return override ?? plain;
  if (known !== "resume") return { refused: "`--override-freeze` goes with `backfill resume` only." };
  const freezeOverride = { by: asked.by, at: world.clock.now() };
  return {
    concerns: ({ state }) => UNFINISHED.includes(state),
    set: (row, by) => ({ ...(plain.concerns(row) ? plain.set(row, by) : {}), freezeOverride }),
    action: "backfill-freeze-overridden",
    done: "Going on, whatever is frozen or closed now, with",
    more: " A freeze that begins after this word holds it again, and so does a pause.",
    why: override.reason,
  };
};

/** One that never worked waits for its apply again. */
const going = ({ token }: BackfillRow): BackfillRunState => (token === 0 ? "waiting" : "running");

/** A batch that began before this word does not store its end over it: the next lease does what was asked. */
const fenced = ({ token }: BackfillRow): BackfillChange["set"] => (token === 0 ? {} : { token: NOBODY });

const NOBODY = -1;

/** Whoever lets it go on later looks at freezes and windows anew. */
const NOT_HELD: BackfillChange["set"] = { throttle: null, freezeOverride: null };

const ACTS: Readonly<Record<BackfillVerb, Omit<Act, "concerns">>> = {
  pause: {
    set: (_row, by) => ({ ...NOT_HELD, state: "paused", reason: `paused by ${by}` }),
    action: "backfill-paused",
    done: "Paused",
    more: " A batch under way is finished first. `plumbline backfill resume` goes on behind it.",
  },
  resume: {
    // Of keys that somebody wanted tried again before a pause, that still holds: a retry lets it go on too.
    set: (row) => ({
      ...{ state: going(row), reason: null, ...fenced(row) },
      wish: row.wish === "retry" ? "retry" : "resume",
    }),
    action: "backfill-resumed",
    done: "Going on with",
  },
  retry: {
    set: (row) => ({ state: "running", reason: null, wish: "retry", ...fenced(row) }),
    action: "backfill-retried",
    done: "Trying again what was left out of",
  },
  cancel: {
    set: (_row, by) => ({ ...NOT_HELD, state: "cancelled", reason: `cancelled by ${by}`, wish: null }),
    action: "backfill-cancelled",
    done: "Cancelled",
    more: " What is done stays done. Contracts on its table stay closed until its file is gone.",
  },
};

const changeAll = async (
  world: World,
  { by, pull }: Asked,
  act: Act,
  rows: readonly BackfillRow[],
): Promise<readonly BackfillRow[]> => {
  const at = world.clock.now();
  return world.ledger.transaction(async (ledger) => {
    const changed: BackfillRow[] = [];
    for (const row of rows) {
      const set = { ...act.set(row, by), updatedAt: at };
      const ended = set.state === "cancelled" ? { endedAt: at } : {};
      if (
        !(await ledger.backfills.change(row.workspace, row.name, {
          from: [row.state],
          set: { ...set, ...ended },
        }))
      )
        continue;
      changed.push(row);
      const why = act.why === undefined ? {} : { reason: world.redactor.redact(act.why) };
      const details = {
        name: row.name,
        run: row.run,
        pull: pull.number,
        done: row.done,
        was: row.state,
        ...why,
      };
      await ledger.audit.append({ at, actor: by, action: act.action, subject: row.workspace, details });
      // With the change or not at all: what goes on needs a job, and what is held is held in its database too.
      const seen = row.state === "stopped" ? [tellStopEnded(row, by, at)] : [];
      await ledger.outbox.add([backfillSoon(row), ...seen], at);
    }
    return changed;
  });
};

const refuse = async (world: World, asked: Asked, why: string): Promise<{ readonly refused: string }> => {
  await noteRefusal(world, asked, why);
  return { refused: why };
};
