import { isJsonObject } from "../model/json.ts";
import type { CommitStatus } from "../ports/forge.ts";
import type { PullRow } from "../ports/ledger.ts";
import type { PullView } from "../report/pull-view.ts";
import { statusesFor } from "../report/statuses.ts";
import { sealOf } from "./seal.ts";
import type { World } from "./world.ts";

/** What our statuses say of a pull request, under the contexts that OWN_CONTEXTS tells apart. */
export const statusesOf = (view: PullView): readonly CommitStatus[] =>
  statusesFor(view, { contextPrefix: "plumbline" });

/** Forges limit how often a status may be set, so only those that changed are. */
export const sayStatuses = async (
  world: World,
  row: PullRow,
  statuses: readonly CommitStatus[],
): Promise<void> => {
  const { repo, number } = row.pull;
  const key = `statuses:${repo}#${number}`;
  const said = await world.ledger.meta.get(key);
  const before =
    isJsonObject(said) && said["head"] === row.head && isJsonObject(said["sent"]) ? said["sent"] : {};
  const sent: Record<string, string> = {};
  for (const status of statuses) {
    const safe = { ...status, description: world.redactor.redact(status.description) };
    sent[status.context] = sealOf(safe);
    if (before[status.context] !== sent[status.context]) await world.forge.setStatus(repo, row.head, safe);
  }
  for (const context of Object.keys(before)) {
    if (!(context in sent)) await world.forge.setStatus(repo, row.head, noLongerTrue(context));
  }
  await world.ledger.meta.set(key, { head: row.head, sent });
};

/**
 * After the merge the commit on the deploy branch carries what the head carries about databases: a deployment of that
 * commit waits on it. A forge that does not name the commit yet is asked again by the next publish.
 */
export const sayOnMergeCommit = async (
  world: World,
  { pull, state }: PullRow,
  statuses: readonly CommitStatus[],
): Promise<void> => {
  const own = statuses.filter(({ context }) => context.startsWith("plumbline/migrate: "));
  if (state !== "merged" || own.length === 0) return;
  const key = `statuses-of-merge:${pull.repo}#${pull.number}`;
  const seal = sealOf(own);
  if ((await world.ledger.meta.get(key)) === seal) return;
  const { mergeCommit } = await world.forge.pull(pull);
  if (mergeCommit === null) return;
  for (const status of own)
    await world.forge.setStatus(pull.repo, mergeCommit, {
      ...status,
      description: world.redactor.redact(status.description),
    });
  await world.ledger.meta.set(key, seal);
};

/** A status cannot be taken back, so that what no longer holds is said to be over. */
const noLongerTrue = (context: string): CommitStatus => ({
  context,
  state: "success",
  description: "nothing stands in the way any more",
  targetUrl: null,
});
