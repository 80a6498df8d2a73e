import type { FollowUp } from "../../src/model/job.ts";
import { BOT, effectsOf } from "./judge.ts";
import { type People, type Proposal, thingsOf } from "./people.ts";
import type { Facts } from "./service-program.ts";
import type { SoakStage } from "./stage.ts";

const ROUNDS = 10;

/**
 * After the storm: polls find what deliveries did not tell, people merge or close what is open and ask again for what
 * was stopped or failed, as its comment tells them. What is not done then is lost.
 */
export const bringToAnEnd = async (
  stage: SoakStage,
  people: People,
  say: (text: string) => void,
): Promise<void> => {
  await pollAll(stage);
  for (const proposal of people.proposals.filter(({ state }) => state === "open"))
    await (proposal.flaw === "plan-fails" || proposal.number % 2 === 0
      ? people.close(proposal)
      : people.merge(proposal));
  await pollAll(stage);
  await endDriftPulls(stage);
  for (let round = 1; round <= ROUNDS; round += 1) {
    const left = await unfinished(stage, people);
    say(`closing, round ${round}: ${left.length} pull requests need another word`);
    if (left.length === 0) break;
    for (const proposal of left) await askAgain(stage, people, proposal);
    await stage.quiet();
  }
  await endDriftPulls(stage);
  await stage.replica.ask({ ask: "jobs", jobs: [{ job: { kind: "sweep" } }] });
  await stage.quiet();
};

const pollAll = async (stage: SoakStage): Promise<void> => {
  const repos = [...new Set(stage.workspaces.map(({ repo }) => repo))];
  const jobs: readonly FollowUp[] = repos.map((repo) => ({ job: { kind: "poll", repo } }));
  await stage.quiet();
  await stage.replica.ask({ ask: "jobs", jobs });
  await stage.quiet();
};

const endDriftPulls = async ({ forge, workspaces, quiet }: SoakStage): Promise<void> => {
  for (const repo of new Set(workspaces.map((one) => one.repo)))
    for (const thread of forge.pulls(repo))
      if (thread.state === "open" && thread.author.login === BOT)
        await forge.as("dana").close({ repo, number: thread.number });
  await quiet();
};

/** Merged, and not everything of it made; or it still holds a lock. */
const unfinished = async (stage: SoakStage, { proposals }: People): Promise<readonly Proposal[]> => {
  const made = effectsOf(stage);
  const facts = (await stage.replica.ask({ ask: "facts" })) as Facts;
  return proposals.filter(
    (one) =>
      one.state === "merged" &&
      (thingsOf(one).some((thing) => !made.has(thing)) ||
        facts.locks.some(({ repo, number }) => repo === one.repo && number === one.number)),
  );
};

/** Does what the comments of the service say. */
const askAgain = async (stage: SoakStage, people: People, proposal: Proposal): Promise<void> => {
  const { repo, number } = proposal;
  const told = stage.forge
    .comments(repo, number)
    .filter(({ author }) => author.login === BOT)
    .map(({ body }) => body)
    .join("\n");
  if (told.includes("plumbline state push"))
    for (const { dir } of proposal.workspaces)
      await people.command(proposal, `plumbline state push -d ${dir}`);
  const digests = new Set(
    [...told.matchAll(/plumbline approve ([0-9a-f]{8,})/g)].map(([, digest]) => digest),
  );
  for (const digest of digests) await people.command(proposal, `plumbline approve ${digest}`, "sam");
  proposal.orders += 1;
  if (told.includes("before it was planned")) {
    // Whoever holds the lock was approved on what is there now: nothing comes in between until that is applied.
    if (await isHeldByAnother(stage, proposal)) return;
    return planByAnother(stage, proposal);
  }
  // Whoever changed it by hand after the plan is asked about nothing: the people of this bench want their code.
  const undo = told.includes("--revert-drift") ? " --revert-drift" : "";
  await people.command(proposal, `plumbline apply${undo}`);
};

const isHeldByAnother = async (
  { replica }: SoakStage,
  { repo, number, workspaces }: Proposal,
): Promise<boolean> => {
  const { locks } = (await replica.ask({ ask: "facts" })) as Facts;
  const own = new Set(workspaces.map(({ dir }) => `${repo}//${dir}#default`));
  return locks.some((lock) => own.has(lock.workspace) && (lock.repo !== repo || lock.number !== number));
};

/** Nobody reviewed it: the next pull request in the same workspaces plans it too. */
const planByAnother = async (
  stage: SoakStage,
  { repo, change, workspaces, orders }: Proposal,
): Promise<void> => {
  const { forge, quiet } = stage;
  const head = `${change}-again-${orders}`;
  const files = workspaces.map(({ dir }) => [`${dir}/${head}.tf`, "# Looked at.\n"]);
  await forge.as("dana").pushFiles(repo, head, Object.fromEntries(files), head, { from: "main" });
  const number = await forge.as("dana").openPull(repo, { title: head, head, base: "main" });
  await quiet();
  await forge.as("dana").merge({ repo, number }, "merge");
};
