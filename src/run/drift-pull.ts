import { createHash } from "node:crypto";
import { claimBlocks } from "../config/claim-blocks.ts";
import { isByHand, type OpenFinding } from "../model/finding.ts";
import { followUps, type JobOf, nothing, type Outcome } from "../model/job.ts";
import { canonicalJson, type Json } from "../model/json.ts";
import type { PullRequest } from "../model/pull.ts";
import type { PullRow, WorkspaceRow } from "../ports/ledger.ts";
import {
  driftBranch,
  driftPullBody,
  driftPullTitle,
  driftReportFile,
  driftReportPath,
} from "../report/drift-pull.ts";
import { actorTexts } from "./actors.ts";
import { alertsOwed } from "./alerts.ts";
import { othersOn } from "./drift-branch.ts";
import { type DriftCode, driftCodeOf } from "./drift-code.ts";
import { keepDashboard } from "./drift-dashboard.ts";
import { closeDriftPull } from "./drift-pull-close.ts";
import { driftPullView } from "./drift-pull-facts.ts";
import { driftSelection, revertAskedBy, selectedOf } from "./drift-selection.ts";
import { suggestElsewhere } from "./drift-suggest.ts";
import { editProof, keepProof, keptProof } from "./edit-proof.ts";
import { importsOwed } from "./imports-on-branch.ts";
import { ignoreFile, pendingIgnores, withoutPending } from "./pending-ignores.ts";
import { keepPolicyIssue } from "./policy-issue.ts";
import type { World } from "./world.ts";

/**
 * One drift pull request per workspace, on a stable branch: opened, kept up to date in place, closed by itself when
 * the drift ends. It never overwrites a commit of somebody else, and over the cap the finding goes to one dashboard
 * issue instead (design, decision 13).
 */
export const keepDriftPull =
  (world: World) =>
  async ({ workspace: key }: JobOf<"drift-pull">): Promise<Outcome> => {
    const workspace = await world.ledger.workspaces.get(key);
    if (!workspace) return nothing;
    const findings = (await world.ledger.findings.open(key)).filter(isByHand);
    const pull = world.server.mode === "observe" ? null : await upToDate(world, workspace, findings);
    if (world.server.mode === "observe") return followUps(...(await alertsOwed(world, workspace, null)));
    await keepDashboard(world, workspace.repo);
    await keepPolicyIssue(world, workspace.repo);
    const imports = await importsOwed(world, workspace, pull);
    return followUps(...(await alertsOwed(world, workspace, pull?.url ?? null)), ...imports);
  };

/** The drift pull request as it should be now; null where none is open. */
const upToDate = async (
  world: World,
  workspace: WorkspaceRow,
  findings: readonly OpenFinding[],
): Promise<PullRequest | null> => {
  const open = await openDriftPull(world, workspace);
  if (findings.length > 0) {
    const may = open !== null || (await isUnderCap(world, workspace));
    return may ? writeDriftPull(world, workspace, findings, open) : null;
  }
  if (open) await closeDriftPull(world, workspace, open);
  return null;
};

const openDriftPull = async (world: World, workspace: WorkspaceRow): Promise<PullRequest | null> => {
  const [row] = await world.ledger.pulls.list({ driftOf: workspace.key, state: "open" });
  if (row) {
    const pull = await world.forge.pull(row.pull);
    if (pull.state === "open") return pull;
  }
  return world.forge.findPull(workspace.repo, driftBranch(workspace.key));
};

const isUnderCap = async (world: World, workspace: WorkspaceRow): Promise<boolean> => {
  const open = await world.ledger.pulls.list({ repo: workspace.repo, state: "open" });
  return open.filter((row) => row.driftOf !== null).length < world.server.drift.maxOpenPulls;
};

const writeDriftPull = async (
  world: World,
  workspace: WorkspaceRow,
  findings: readonly OpenFinding[],
  open: PullRequest | null,
): Promise<PullRequest> => {
  await world.git.fetch(workspace.repo);
  const pending = await pendingIgnores(world, workspace.key);
  const asked = withoutPending(findings, pending);
  const left = selectedOf(asked, await driftSelection(world, workspace.key));
  const code = left.length === 0 ? null : await driftCodeOf(world, workspace, left);
  const base = code?.base ?? (await world.git.resolve(workspace.repo, workspace.refs.desired.branch)) ?? "";
  const view = driftPullView(world, workspace, findings, {
    ...{ held: left, code, pending },
    revert: (await revertAskedBy(world, workspace.key)) !== null,
    who: await actorTexts(world.ledger, findings),
  });
  const text = { title: driftPullTitle(view), body: driftPullBody(view) };
  const files = {
    ...(left.length === 0 ? {} : filesOf(world, workspace, code, driftReportFile(view))),
    ...(await ignoreFile(world, workspace, base, pending)),
  };
  const proof = code?.proof?.digest ?? null;
  const seal = sealOf({ ...text, files, base: code?.base ?? null, proof });
  if (open && (await isAsWritten(world, workspace, open, seal))) {
    await suggestElsewhere(world, workspace, open, code);
    return open;
  }
  const written = await commitFiles(world, workspace, code, base, files);
  const pull = open ?? (await createPull(world, workspace, text));
  await proveHead(world, pull, written, code);
  if (open) await world.forge.updatePull(open, { ...text, body: text.body + saidBy(open) });
  await remember(world, workspace, pull, left);
  await world.ledger.meta.set(`drift-pull:${workspace.key}`, seal);
  await suggestElsewhere(world, workspace, pull, code);
  if (written === null)
    world.log.info("the drift branch holds somebody's commit; only the text was updated", {
      workspace: workspace.key,
    });
  return pull;
};

const isAsWritten = async (
  { ledger }: World,
  { key }: WorkspaceRow,
  open: PullRequest,
  seal: string,
): Promise<boolean> =>
  (await ledger.meta.get(`drift-pull:${key}`)) === seal && (await keptProof({ ledger }, open)) !== null;

/** Kept for the head that holds the edit and nothing of anybody else. */
const proveHead = async (
  world: World,
  pull: PullRequest,
  written: Written | null,
  code: DriftCode | null,
): Promise<void> => {
  if (written === null) return;
  const { commit, changed } = written;
  const isOurs =
    changed ||
    (await keptProof(world, pull))?.head === commit ||
    (await othersOn(world, { ...pull, head: { ...pull.head, sha: commit } })).length === 0;
  if (isOurs)
    await keepProof(
      world,
      pull,
      editProof(commit, code?.proof ?? null, code?.files ?? {}, code?.formalized ?? []),
    );
};

/** What somebody wrote into the description about durable state stays there when the text is written anew. */
const saidBy = ({ body }: PullRequest): string =>
  claimBlocks(body)
    .map((block) => `\n\n\`\`\`yaml\n${block.trim()}\n\`\`\``)
    .join("");

const sealOf = (value: Json): string => createHash("sha256").update(canonicalJson(value)).digest("hex");

/** The proven code; where there is none the branch carries the report, so that people have a place to push to. */
const filesOf = (
  world: World,
  workspace: WorkspaceRow,
  code: DriftCode | null,
  report: string,
): Readonly<Record<string, string>> =>
  code && Object.keys(code.files).length > 0
    ? code.files
    : { [driftReportPath(workspace.key)]: world.redactor.redact(report) };

type Written = Awaited<ReturnType<World["git"]["commitToBranch"]>>;

/** Null where somebody else's commit lies on the branch: it stays as it is. */
const commitFiles = async (
  world: World,
  workspace: WorkspaceRow,
  code: DriftCode | null,
  base: string,
  files: Readonly<Record<string, string>>,
): Promise<Written | null> => {
  if (base === "") return null;
  const takesBack = code?.migration?.purpose === "revert";
  const what = code && code.formalized.length > 0 ? (takesBack ? "Take back" : "Formalize") : "Report";
  const ways = takesBack
    ? "merge to take back what was done by hand, or comment `plumbline formalize`."
    : "merge to keep what is live, or comment `plumbline revert`.";
  try {
    return await world.git.commitToBranch({
      repo: workspace.repo,
      branch: driftBranch(workspace.key),
      base,
      files,
      message: `${what} drift of ${workspace.dir}\n\nFound by Plumbline; ${ways}`,
    });
  } catch (failure) {
    if ((failure as { code?: string }).code === "git-foreign-commit") return null;
    throw failure;
  }
};

const createPull = (
  world: World,
  workspace: WorkspaceRow,
  text: { title: string; body: string },
): Promise<PullRequest> =>
  world.forge.createPull(workspace.repo, {
    title: world.redactor.redact(text.title),
    body: world.redactor.redact(text.body),
    head: driftBranch(workspace.key),
    base: workspace.refs.desired.branch,
  });

const remember = async (
  world: World,
  workspace: WorkspaceRow,
  pull: PullRequest,
  held: readonly OpenFinding[],
): Promise<void> => {
  const fingerprints = held.map(({ fingerprint }) => fingerprint);
  await world.ledger.transaction(async (ledger) => {
    const known = await ledger.pulls.get(pull);
    const row: PullRow = known ?? {
      pull: { repo: pull.repo, number: pull.number },
      head: "",
      state: "open",
      deployBranch: true,
      driftOf: workspace.key,
      commentIds: {},
      publishedHash: null,
      notes: [],
      updatedAt: world.clock.now(),
    };
    const at = world.clock.now();
    await ledger.pulls.put({ ...row, state: "open", driftOf: workspace.key, updatedAt: at });
    await ledger.findings.proposed(workspace.key, fingerprints, at);
  });
};
