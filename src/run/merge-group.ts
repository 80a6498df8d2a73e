import { type FollowUp, followUps, type Outcome } from "../model/job.ts";
import type { PullRef } from "../model/pull.ts";
import type { Run } from "../model/run.ts";
import type { CommitStatus } from "../ports/forge.ts";
import type { PullRow } from "../ports/ledger.ts";
import type { MergeGroup } from "../ports/ledger-shared.ts";
import { statusesFor } from "../report/statuses.ts";
import { commitHere } from "./commit-here.ts";
import { inputTreeHash } from "./inputs.ts";
import { pullView } from "./pull-view.ts";
import { readRunInput } from "./run-input.ts";
import { sealOf } from "./seal.ts";
import type { World } from "./world.ts";

export interface MergeGroupEvent {
  readonly repo: string;
  readonly head: string;
  readonly base: string;
  /** The queue's own branch, which names the last pull request of the group. */
  readonly ref: string | null;
}

const KEPT_MS = 24 * 3_600_000;

/**
 * A merge queue asks whether a commit may go in: several pull requests on top of their base. It says what the pull
 * requests say, as soon as their plans are of the very code that the commit holds; until then it is pending.
 */
export const judgeMergeGroup = async (world: World, event: MergeGroupEvent): Promise<Outcome> => {
  const { repo, head, base } = event;
  const now = world.clock.now();
  await world.git.fetch(repo);
  const pulls = await pullsIn(world, event);
  await world.ledger.mergeGroups.forget(new Date(now.getTime() - KEPT_MS));
  await world.ledger.mergeGroups.add({ repo, head, base, pulls }, now);
  const [group] = (await world.ledger.mergeGroups.of(repo)).filter((one) => one.head === head);
  if (group) await sayGroup(world, group);
  return followUps(...(await unknownPulls(world, repo, pulls)));
};

/** After something was said of a pull request: what holds for the groups that it waits in. */
export const sayGroupsOf = async (world: World, pull: PullRef): Promise<void> => {
  const groups = await world.ledger.mergeGroups.of(pull.repo);
  for (const group of groups) if (group.pulls.includes(pull.number)) await sayGroup(world, group);
};

/** The one that the branch names, and every other whose head the commit holds: squashed ones cannot be told. */
const pullsIn = async (world: World, { repo, head, ref }: MergeGroupEvent): Promise<readonly number[]> => {
  const named = /\/pr-(\d+)-[0-9a-f]+$/.exec(ref ?? "")?.[1];
  const found = new Set(named === undefined ? [] : [Number(named)]);
  for (const row of await world.ledger.pulls.list({ repo, state: "open" })) {
    if (row.head !== "" && (await world.git.isAncestor(repo, row.head, head))) found.add(row.pull.number);
  }
  return [...found].sort((left, right) => left - right);
};

/** A pull request, or a push to it, that no webhook has told of is planned now. */
const unknownPulls = async (
  world: World,
  repo: string,
  pulls: readonly number[],
): Promise<readonly FollowUp[]> => {
  const jobs: FollowUp[] = [];
  for (const number of pulls) {
    const ref = { repo, number };
    const row = await world.ledger.pulls.get(ref);
    const pull = await world.forge.pull(ref);
    if (row?.head === pull.head.sha) continue;
    const told = { head: pull.head.sha, trigger: "opened", by: pull.author };
    jobs.push({ job: { kind: "assess", pull: ref, ...told } });
  }
  return jobs;
};

const sayGroup = async (world: World, group: MergeGroup): Promise<void> => {
  const statuses = await verdict(world, group);
  const said = sealOf(statuses);
  if (said === group.said) return;
  for (const status of statuses) {
    const description = world.redactor.redact(status.description);
    await world.forge.setStatus(group.repo, group.head, { ...status, description });
  }
  await world.ledger.mergeGroups.said(group.repo, group.head, said);
};

const PLAN = "plumbline/plan";

const verdict = async (world: World, group: MergeGroup): Promise<readonly CommitStatus[]> => {
  if (group.pulls.length === 0)
    return [alone("error", "It is not known which pull requests this commit holds.")];
  const all: CommitStatus[] = [];
  for (const number of group.pulls) all.push(...(await verdictOf(world, group, number)));
  const byContext = Map.groupBy(all, ({ context }) => context);
  return [...byContext.values()].flatMap((same) => same.toSorted(worstFirst).slice(0, 1));
};

const ORDER: readonly CommitStatus["state"][] = ["failure", "error", "pending", "success"];
const worstFirst = (left: CommitStatus, right: CommitStatus): number =>
  ORDER.indexOf(left.state) - ORDER.indexOf(right.state);

const alone = (state: CommitStatus["state"], description: string): CommitStatus => ({
  context: PLAN,
  state,
  description,
  targetUrl: null,
});

const verdictOf = async (
  world: World,
  group: MergeGroup,
  number: number,
): Promise<readonly CommitStatus[]> => {
  const row = await world.ledger.pulls.get({ repo: group.repo, number });
  const { head } = await world.forge.pull({ repo: group.repo, number });
  if (row?.head !== head.sha) return [alone("pending", `#${number} is not planned yet.`)];
  const isApply = /^plumbline\/apply\b/;
  const own = statusesFor(await pullView(world, row), { contextPrefix: "plumbline" }).filter(
    ({ context }) => !isApply.test(context),
  );
  const behind = await plannedOtherwise(world, group, row);
  if (behind.length === 0) return own;
  const why = `#${number} was planned without what goes in before it: ${behind.join(", ")}.`;
  return own.map((status) =>
    status.state === "success" ? { ...status, state: "pending", description: why.slice(0, 140) } : status,
  );
};

/** Folders of workspaces whose plan is of other code than the commit holds. */
const plannedOtherwise = async (
  world: World,
  { repo, head }: MergeGroup,
  row: PullRow,
): Promise<readonly string[]> => {
  const runs = await world.ledger.runs.list({ pull: row.pull, kind: "plan", head: row.head });
  const newest = [...Map.groupBy(runs, ({ workspace }) => workspace).values()].flatMap((all) =>
    all.toSorted((left, right) => right.createdAt.getTime() - left.createdAt.getTime()).slice(0, 1),
  );
  const behind: string[] = [];
  for (const run of newest) if (!(await isSame(world, repo, run, head))) behind.push(run.workspace);
  return behind.map((key) => key.slice(key.indexOf("//") + 2));
};

const isSame = async (world: World, repo: string, run: Run, head: string): Promise<boolean> => {
  const { config, commit, destroy } = readRunInput(run);
  // The code of what is to go is gone.
  if (destroy) return (await world.git.listFiles(repo, head, config.dir)).length === 0;
  await commitHere(world, repo, run, commit);
  const [planned, grouped] = [
    await inputTreeHash(world, repo, commit, config),
    await inputTreeHash(world, repo, head, config),
  ];
  return planned === grouped;
};
