import { asPlumblineError } from "../model/errors.ts";
import type { MigrationProposal, ProofSide } from "../model/migration-proposal.ts";
import type { PullRequest } from "../model/pull.ts";
import { pathIn } from "../model/workspace.ts";
import { DESIRED_ISSUE_ENDS, desiredIssue, desiredIssueMarker } from "../report/desired-issue.ts";
import {
  DESIRED_REACHED,
  type DesiredView,
  desiredBranch,
  desiredPullBody,
  desiredPullTitle,
} from "../report/desired-pull.ts";
import { othersOn } from "./drift-branch.ts";
import type { Scratch } from "./frame.ts";
import { keepIssue } from "./kept-issue.ts";
import type { PreparedMigrations } from "./migration-prepare.ts";
import { sealOf } from "./seal.ts";
import type { World } from "./world.ts";

/**
 * Declarative mode: where the migrations of the deploy branch do not make the desired schema in it, the next migration
 * is proposed as a pull request, proven. Where none can be, an issue says why. What else goes wrong here is told in the
 * log and costs the look nothing.
 */
export const keepDesired = async (
  world: World,
  scratch: Scratch,
  prepared: PreparedMigrations,
): Promise<void> => {
  if (world.server.mode === "observe") return;
  try {
    const troubles = await proposeNext(world, scratch, prepared);
    for (const trouble of troubles) scratch.log.line(`the desired schema: ${trouble}`);
    await tellTroubles(world, scratch, troubles);
  } catch (failure) {
    scratch.signal.throwIfAborted();
    scratch.log.line(`the desired schema: ${asPlumblineError(failure).message}`);
  }
};

const tellTroubles = (world: World, { workspace: { key, repo } }: Scratch, troubles: readonly string[]) => {
  const told = troubles.map((trouble) => world.redactor.redact(trouble));
  const issue = told.length === 0 ? null : desiredIssue(key, told);
  const kept = { marker: desiredIssueMarker(key), key: `desired-issue:${key}`, ending: DESIRED_ISSUE_ENDS };
  return keepIssue(world, repo, kept, issue);
};

/** Why there is no proposal though one is due; empty where all is well. */
const proposeNext = async (
  world: World,
  scratch: Scratch,
  { runner, call, tree }: PreparedMigrations,
): Promise<readonly string[]> => {
  const { desired } = call.database;
  if (desired === undefined) return [];
  const proposal = await scratch
    .step("desired", () => runner.proposeDesired(call, desired, world.clock.now()))
    .catch((thrown: unknown) => {
      scratch.signal.throwIfAborted();
      const { code, message } = asPlumblineError(thrown);
      if (code === "sql-failed" || code === "sql-unreadable") return message;
      throw thrown;
    });
  return typeof proposal === "string"
    ? [proposal]
    : holdProposal(world, scratch, tree.commit, desired, proposal);
};

const holdProposal = async (
  world: World,
  scratch: Scratch,
  base: string,
  desired: string,
  proposal: MigrationProposal,
): Promise<readonly string[]> => {
  const { key, dir, repo } = scratch.workspace;
  const open = await world.forge.findPull(repo, desiredBranch(key));
  const unwritten = proposal.unwritten.map(({ address, why }) => `Not written: ${address}: ${why}`);
  if (proposal.files.length === 0) {
    if (open && unwritten.length === 0) await close(world, key, open);
    // What is asked for from now on was not refused by anybody, though it may be the same once more.
    if (!open) await world.ledger.meta.set(metaKey(key), null);
    return unwritten;
  }
  const proven = proposal.proof?.elsewhere;
  if (proven?.proven !== true) return [UNPROVEN, ...whyUnproven(proven), ...unwritten];
  const texts = new Set(proposal.files.map(({ text }) => text));
  if ((await world.secretScanner.looksSecret(texts)).size > 0)
    return ["It holds something that looks like a secret: nothing is proposed."];
  const view = { workspace: key, dir, desired: pathIn(dir, desired), proposal };
  const files = Object.fromEntries(proposal.files.map(({ path, text }) => [pathIn(dir, path), text]));
  await write(world, scratch, { open, base, files, view });
  return [];
};

const UNPROVEN = "The migration to it could not be proven, so that none is proposed.";

const whyUnproven = (side: ProofSide | undefined): readonly string[] =>
  (side?.error ?? null) !== null
    ? [`It did not run: ${side?.error}`]
    : (side?.left ?? []).map(({ address, path }) => `Differs after it ran: ${`${address} ${path}`.trim()}`);

interface Proposed {
  readonly open: PullRequest | null;
  readonly base: string;
  readonly files: Readonly<Record<string, string>>;
  readonly view: DesiredView;
}

/** Once per migration: whoever closes its pull request is not asked again. */
const write = async (
  world: World,
  { workspace, log }: Scratch,
  { open, base, files, view }: Proposed,
): Promise<void> => {
  const { key, repo, refs } = workspace;
  // A version that is a time says nothing; a number may be taken by now.
  const told = Object.entries(files).map((file) => file.map((text) => text.replaceAll(/\d{12,}/g, "")));
  const seal = sealOf(told);
  const known = await world.ledger.meta.get(metaKey(key));
  if (open === null && known === seal)
    return log.line("somebody closed the pull request with this very migration: it is not proposed again");
  if (open !== null && known === seal) return;
  if (open !== null && (await othersOn(world, open)).length > 0)
    return log.line("the branch with the next migration holds somebody's commits, so that it is left alone");
  const branch = desiredBranch(key);
  const message = `Migrate ${workspace.dir} to its desired schema\n\nWritten by Plumbline from ${view.desired}.`;
  await world.git.commitToBranch({ repo, branch, base, files, message });
  const text = {
    title: world.redactor.redact(desiredPullTitle(view)),
    body: world.redactor.redact(desiredPullBody(view)),
  };
  if (open === null) await world.forge.createPull(repo, { ...text, head: branch, base: refs.desired.branch });
  else await world.forge.updatePull(open, text);
  await world.ledger.meta.set(metaKey(key), seal);
};

const close = async (world: World, key: string, open: PullRequest): Promise<void> => {
  await world.forge.comment(open, DESIRED_REACHED);
  await world.forge.updatePull(open, { state: "closed" });
  if ((await othersOn(world, open)).length === 0) await world.git.deleteBranch(open.repo, desiredBranch(key));
  await world.ledger.meta.set(metaKey(key), null);
};

const metaKey = (workspace: string): string => `desired:${workspace}`;
