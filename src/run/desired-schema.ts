import { createHash } from "node:crypto";
import { asPlumblineError } from "../model/errors.ts";
import type { MigrationProposal } from "../model/migration-proposal.ts";
import type { PullRequest } from "../model/pull.ts";
import {
  DESIRED_REACHED,
  type DesiredView,
  desiredBranch,
  desiredPullBody,
  desiredPullTitle,
} from "../report/desired-pull.ts";
import { othersOn } from "./drift-branch.ts";
import type { Scratch } from "./frame.ts";
import type { PreparedMigrations } from "./migration-prepare.ts";
import type { World } from "./world.ts";

/**
 * Declarative mode: where the migrations of the deploy branch do not make the desired schema in it, the next migration
 * is proposed as a pull request, proven. What goes wrong here is told in the log and costs the look nothing.
 */
export const keepDesired = async (
  world: World,
  scratch: Scratch,
  { runner, call, tree }: PreparedMigrations,
): Promise<void> => {
  const { desired } = call.database;
  if (desired === undefined || !runner.proposeDesired || world.server.mode === "observe") return;
  const propose = runner.proposeDesired.bind(runner);
  try {
    const proposal = await scratch.step("desired", () => propose(call, desired, world.clock.now()));
    await holdProposal(world, scratch, tree.commit, desired, proposal);
  } catch (failure) {
    scratch.signal.throwIfAborted();
    scratch.log.line(`the desired schema: ${asPlumblineError(failure).message}`);
  }
};

const holdProposal = async (
  world: World,
  scratch: Scratch,
  base: string,
  desired: string,
  proposal: MigrationProposal,
): Promise<void> => {
  const { workspace, log } = scratch;
  const { key, dir, repo } = workspace;
  const open = await world.forge.findPull(repo, desiredBranch(key));
  for (const { address, why } of proposal.unwritten) log.line(`not written: ${address}: ${why}`);
  if (proposal.files.length === 0) {
    if (open && proposal.unwritten.length === 0) await close(world, key, open);
    return;
  }
  if (proposal.proof?.elsewhere.proven !== true)
    return log.line("the migration to the desired schema could not be proven, so that none is proposed");
  const texts = new Set(proposal.files.map(({ text }) => text));
  if ((await world.secretScanner.looksSecret(texts)).size > 0)
    return log.line("the desired schema holds something that looks like a secret: nothing is proposed");
  const inRepository = (path: string): string => (dir === "." ? path : `${dir}/${path}`);
  const view = { workspace: key, dir, desired: inRepository(desired), proposal };
  const files = Object.fromEntries(proposal.files.map(({ path, text }) => [inRepository(path), text]));
  await write(world, scratch, { open, base, files, view });
};

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
  const told = Object.entries(files).map(([path, content]) => [path.replaceAll(/\d{12,}/g, ""), content]);
  const seal = createHash("sha256").update(JSON.stringify(told)).digest("hex");
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
