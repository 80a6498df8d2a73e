import type { FollowUp } from "../model/job.ts";
import type { PlanDigest } from "../model/plan.ts";
import type { PullRequest } from "../model/pull.ts";
import {
  type ImportView,
  importPullBody,
  importPullTitle,
  importRefused,
  importReply,
} from "../report/import-pull.ts";
import type { Codified } from "./codify.ts";
import { proofDigest, shownProof } from "./codify-drift.ts";
import { codifyImports } from "./codify-import.ts";
import { codifyInput } from "./codify-input.ts";
import { editProof, keepProof, keptProof } from "./edit-proof.ts";
import type { Scratch } from "./frame.ts";
import { rememberImport } from "./imports-on-branch.ts";
import { makePlan, type SavedPlan } from "./plan-step.ts";
import type { Prepared } from "./prepare.ts";
import type { RunInput } from "./run-input.ts";
import type { Settled } from "./settle-run.ts";
import { sharingWorkspaces } from "./sharing-workspaces.ts";
import type { World } from "./world.ts";

/** An import asked for by comment, read aloud: plan, write and prove, commit, open or keep the pull request, answer. */
export const importRun = async (
  world: World,
  scratch: Scratch,
  prepared: Prepared,
  input: RunInput,
): Promise<Settled> => {
  const [address = "", id = "", branch = ""] = input.targets;
  const { codified, saved } = await written(world, scratch, prepared, input);
  const { run, workspace } = scratch;
  const { refused, remaining } = codified;
  const shared = codified.shared.map((one) => shownProof(world, one));
  const { key, dir } = workspace;
  const view: ImportView = {
    workspace: key,
    dir,
    address,
    id,
    by: run.requestedBy,
    refused,
    remaining,
    shared,
  };
  if (codified.result === "refused") return settled(world, scratch, prepared, importRefused(view), []);
  const { commit } = await world.git.commitToBranch({
    repo: workspace.repo,
    branch,
    base: input.commit,
    files: codified.files,
    message: `Take over ${address}\n\nMade by hand as ${id}; asked for by ${run.requestedBy}. A plan imports it and changes nothing.`,
  });
  const pull = await pullOf(world, scratch, branch, view);
  await proveHead(world, pull, commit, codified, {
    before: input.commit,
    proof:
      codified.proof && proofDigest(world, prepared, input, { plan: codified.proof, rules: saved.rules }),
  });
  await rememberImport(world, key, { address, id, by: run.requestedBy, pull: pull.number, commit });
  const here = run.pull?.number === pull.number;
  const where = here ? "This branch got one more commit:" : `#${pull.number} holds`;
  const audit = { address, id, pull: pull.number, commit };
  return settled(world, scratch, prepared, importReply(view, where), [audit]);
};

/** The head holds the import and what lay there before, which was proven with it. */
const proveHead = async (
  world: World,
  pull: PullRequest,
  head: string,
  { files }: Codified,
  { before, proof }: { readonly before: string; readonly proof: PlanDigest | null },
): Promise<void> => {
  const kept = await keptProof(world, pull);
  const under = kept?.head === before ? kept : null;
  const fresh = editProof(head, proof, files, under?.formalized ?? []);
  await keepProof(world, pull, { ...fresh, files: { ...under?.files, ...fresh.files } });
};

const written = (
  world: World,
  scratch: Scratch,
  prepared: Prepared,
  input: RunInput,
): Promise<{ readonly codified: Codified; readonly saved: SavedPlan }> => {
  const [address = "", id = ""] = input.targets;
  return scratch.step("import", async () => {
    // The whole workspace: targets say here what is taken over, not what is planned.
    const whole = { ...input, targets: [] };
    const saved = await makePlan(world, scratch, prepared, whole, { name: "plan", lock: false });
    const others = await sharingWorkspaces(world, scratch, prepared);
    const codified = await codifyImports({
      ...others,
      ...codifyInput(world, prepared, saved.file),
      plan: saved.plan,
      wishes: [{ address, id }],
      edited: {},
      parse: world.parseHcl,
      reads: world.secondOpinion,
      scanner: world.secretScanner,
      scratch: scratch.folder,
      progress: (line) => scratch.log.line(`import: ${line}`),
    });
    return { codified, saved };
  });
};

const pullOf = async (
  world: World,
  { workspace }: Scratch,
  branch: string,
  view: ImportView,
): Promise<PullRequest> =>
  (await world.forge.findPull(workspace.repo, branch)) ??
  world.forge.createPull(workspace.repo, {
    title: world.redactor.redact(importPullTitle(view)),
    body: world.redactor.redact(importPullBody(view)),
    head: branch,
    base: workspace.refs.desired.branch,
  });

const settled = (
  world: World,
  { run }: Scratch,
  prepared: Prepared,
  body: string,
  done: readonly { readonly [name: string]: string | number }[],
): Settled => {
  const answer: readonly FollowUp[] = run.pull
    ? [{ job: { kind: "reply", key: `reply:${run.id}`, pull: run.pull, body: world.redactor.redact(body) } }]
    : [];
  return {
    to: "succeeded",
    commit: prepared.tree.commit,
    result: run.result,
    followUps: answer,
    store: async (ledger) => {
      const at = world.clock.now();
      for (const details of done)
        await ledger.audit.append({
          at,
          actor: run.requestedBy,
          action: "import-proposed",
          subject: run.workspace,
          details,
        });
    },
  };
};
