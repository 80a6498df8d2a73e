import { nothing, type Outcome } from "../model/job.ts";
import type { PullRef } from "../model/pull.ts";
import type { PullRow } from "../ports/ledger.ts";
import { applyComment } from "../report/apply-comment.ts";
import { backfillComment } from "../report/backfill-comment.ts";
import { pullComment } from "../report/pull-comment.ts";
import type { PullView, WorkspaceState } from "../report/pull-view.ts";
import { isSilent } from "../report/silence.ts";
import { sayGroupsOf } from "./merge-group.ts";
import { pullView } from "./pull-view.ts";
import { sayOnMergeCommit, sayStatuses, statusesOf } from "./say-statuses.ts";
import { sealOf } from "./seal.ts";
import { dropComment, upsertComment } from "./sticky.ts";
import type { World } from "./world.ts";

/**
 * Says on the forge what the ledger knows of a pull request: statuses and sticky comments, only what changed. Safe to
 * repeat at any time; what could not be said stays owed and is said by a later publish.
 */
export const publish =
  (world: World) =>
  async ({ pull }: { readonly pull: PullRef }): Promise<Outcome> => {
    const row = await world.ledger.pulls.get(pull);
    if (!row || row.head === "") return nothing;
    await sayPull(world, row);
    await sayGroupsOf(world, pull);
    return nothing;
  };

const sayPull = async (world: World, row: PullRow): Promise<void> => {
  const view = await pullView(world, row);
  const statuses = statusesOf(view);
  const parts =
    isWorthSaying(view, row) && !isHeld(view, row, "plan") ? pullComment(view, world.forge.limits) : null;
  const applied = isHeld(view, row, "apply") ? null : applyComment(view);
  const backfills = backfillComment(await world.ledger.backfills.list({ pull: row.pull }));
  const seal = sealOf([row.head, statuses, parts, applied, ...(backfills === null ? [] : [backfills])]);
  if (row.publishedHash === seal) return;
  await bothOf(
    () => sayComments(world, row, parts, { apply: applied, backfill: backfills }),
    async () => {
      await sayStatuses(world, row, statuses);
      await sayOnMergeCommit(world, row, statuses);
    },
  );
  await remember(world, row.pull, row.head, seal);
};

/** What people read comes first; a comment that fails keeps no status back. Adapters write one thing at a time. */
const bothOf = async (comments: () => Promise<void>, statuses: () => Promise<void>): Promise<void> => {
  const [told] = await Promise.allSettled([comments()]);
  await statuses();
  if (told.status === "rejected") throw told.reason;
};

const sayComments = async (
  world: World,
  row: PullRow,
  parts: readonly string[] | null,
  others: { readonly [name in "apply" | "backfill"]: string | null },
): Promise<void> => {
  if (parts) await sayParts(world, row, parts);
  for (const [name, body] of Object.entries(others))
    if (body !== null) await upsertComment(world, row.pull, name, world.redactor.redact(body));
};

const WAITING: ReadonlySet<WorkspaceState> = new Set(["queued", "planning", "superseded"]);

/** The first comment waits for results, since the forge mails what it says then; nothing to say is no comment. */
const isWorthSaying = (view: PullView, row: PullRow): boolean => {
  if (view.state === "closed") return false;
  if (
    row.commentIds["plan"] !== undefined ||
    view.notes.length > 0 ||
    (view.policyTests ?? []).length > 0 ||
    (view.stateful && view.workspaces.length === 0)
  )
    return true;
  return view.workspaces.length > 0 && view.workspaces.every((one) => !WAITING.has(one.state));
};

/** What was said once stays up to date. */
const isHeld = (view: PullView, row: PullRow, phase: "plan" | "apply"): boolean =>
  row.commentIds[phase] === undefined && isSilent(view, phase);

const sayParts = async (world: World, row: PullRow, parts: readonly string[]): Promise<void> => {
  const names = parts.map((_part, index) => (index === 0 ? "plan" : `plan-${index + 1}`));
  for (const [index, part] of parts.entries()) {
    await upsertComment(world, row.pull, names[index] ?? "plan", world.redactor.redact(part));
  }
  const now = await world.ledger.pulls.get(row.pull);
  for (const name of Object.keys(now?.commentIds ?? {})) {
    if (/^plan-\d+$/.test(name) && !names.includes(name)) await dropComment(world, row.pull, name);
  }
};

const remember = async (world: World, pull: PullRef, head: string, seal: string): Promise<void> => {
  await world.ledger.transaction(async (ledger) => {
    const row = await ledger.pulls.get(pull);
    if (row?.head === head) await ledger.pulls.put({ ...row, publishedHash: seal });
  });
};
