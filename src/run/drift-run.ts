import type { WorkspaceConfig } from "../model/config.ts";
import { PlumblineError } from "../model/errors.ts";
import { type JobOf, nothing, type Outcome } from "../model/job.ts";
import type { Json, JsonObject } from "../model/json.ts";
import { type WorkspaceKind, workspaceKey } from "../model/workspace.ts";
import type { Ledger, WorkspaceRow } from "../ports/ledger.ts";
import { keepAnswers } from "./actors.ts";
import { askActors } from "./ask-actors.ts";
import { auditRun } from "./audit-run.ts";
import { codifyFound } from "./drift-code.ts";
import { acceptLive, type FoundDrift, findNow, storeFindings, withoutSecrets } from "./findings.ts";
import { frame, type Scratch } from "./frame.ts";
import { lookLater } from "./look-waits.ts";
import { changesSomething, makePlan, type SavedPlan } from "./plan-step.ts";
import { auditAlerts, auditPolicies, type NewAudit, storeAudit } from "./policy-audit.ts";
import { setsFor } from "./policy-sets.ts";
import { type Prepared, prepare } from "./prepare.ts";
import { configAt, idOf } from "./repo-workspaces.ts";
import { type RunInput, readConfig, readRunInput, writeRunInput } from "./run-input.ts";
import type { Settled } from "./settle-run.ts";
import type { World } from "./world.ts";

/**
 * The scheduled look at one workspace. Skipped, and said so, while a run holds it: a person's plan comes first and
 * shows the drift anyway. Where drift is not looked for, policies still judge what is recorded.
 */
export const driftJob =
  (world: World, looks: { readonly [kind in WorkspaceKind]: Look }) =>
  async (job: JobOf<"drift">, signal: AbortSignal): Promise<Outcome> => {
    const { workspace, slot, only } = job;
    const row = await world.ledger.workspaces.get(workspace);
    if (!row || row.removedAt) return nothing;
    const { kind: of } = readConfig(row.config);
    // What a migration left half-way is looked at too: its schema is neither frozen nor recorded in a state.
    if (of === "postgres-migrations" && only === "policies") return nothing;
    const isAudit = of === "terraform" && (row.frozen !== null || only === "policies");
    const kind = isAudit ? "audit" : "drift";
    if (kind === "audit" && setsFor(world, row.repo).length === 0) return nothing;
    const lease = await world.ledger.leases.get(workspace);
    if (lease) return lookLater(world, job, lease.run);
    const run = await createRun(world, row, kind, slot);
    if (run === null) return nothing;
    try {
      return await (kind === "audit" ? auditRun : looks[of])(world, run, signal);
    } catch (failure) {
      const code = failure instanceof PlumblineError ? failure.code : null;
      if (!(failure instanceof PlumblineError) || (code !== "workspace-busy" && code !== "account-busy"))
        throw failure;
      await world.ledger.runs.transition(run, {
        from: ["queued"],
        to: "cancelled",
        token: 0,
        at: world.clock.now(),
      });
      // Nobody looks at this workspace: the look comes again once the account has a place.
      if (code === "account-busy") throw failure;
      return lookLater(world, job, String(failure.detail["holder"]));
    }
  };

type Look = (world: World, run: string, signal: AbortSignal) => Promise<Outcome>;

const createRun = async (
  world: World,
  row: WorkspaceRow,
  kind: "drift" | "audit",
  slot: string,
): Promise<string | null> => {
  await world.git.fetch(row.repo);
  const tip = await world.git.resolve(row.repo, row.refs.desired.branch);
  const config = tip === null ? null : await configNow(world, row, tip);
  if (tip === null || config === null) return null;
  const id = world.newId("run");
  const input: RunInput = {
    config,
    commit: tip,
    destroy: false,
    flags: [],
    provisionalOn: [],
    intent: kind,
    targets: [],
  };
  await world.ledger.runs.create({
    id,
    workspace: row.key,
    kind,
    pull: null,
    head: tip,
    base: tip,
    trigger: slot,
    requestedBy: "schedule",
    createdAt: world.clock.now(),
    input: writeRunInput(input),
  });
  return id;
};

/**
 * The workspace as the deploy branch has it now; null where only a pull request knows it, which leaves nothing to
 * compare reality with. While the branch's configuration is broken, what was known stays watched.
 */
const configNow = async (world: World, row: WorkspaceRow, tip: string): Promise<WorkspaceConfig | null> => {
  const read = await configAt(world, row.repo, tip);
  if (read.ok)
    return read.value.workspaces.find((one) => workspaceKey(idOf(row.repo, one)) === row.key) ?? null;
  const files = await world.git.listFiles(row.repo, tip, row.dir === "." ? undefined : row.dir);
  return files.length > 0 ? readConfig(row.config) : null;
};

/** A drift run, read aloud: check out the deploy branch, plan without a lock, compare, look twice, keep, tell. */
export const driftRun = (world: World, run: string, signal: AbortSignal): Promise<Outcome> =>
  frame(world, run, signal, async (scratch) => {
    const input = readRunInput(scratch.run);
    const prepared = await prepare(world, scratch, input);
    try {
      const first = await lookOnce(world, scratch, prepared, input, "plan");
      const news = first.lifecycle.opened.length + first.lifecycle.ended.length > 0;
      const sure = news ? await lookOnce(world, scratch, prepared, input, "plan again") : first;
      await codifyFound(world, scratch, prepared, sure);
      const audit = await auditPolicies(world, scratch, input, sure.saved);
      const answers = await askActors(world, scratch.workspace.key, sure.lifecycle, sure.saved.plan);
      return settled(world, scratch, prepared, { ...sure, answers }, audit);
    } finally {
      await prepared.tree.release();
    }
  });

type Answers = Awaited<ReturnType<typeof askActors>>;
type LookOnce = FoundDrift & { readonly saved: SavedPlan };

/** The state must not move while it is read without a lock (decision 13); then the result is thrown away. */
const lookOnce = async (
  world: World,
  scratch: Scratch,
  prepared: Prepared,
  input: RunInput,
  name: string,
): Promise<LookOnce> => {
  const before = await prepared.engine.stateVersion(prepared.call);
  const saved = await makePlan(world, scratch, prepared, input, { name, lock: false });
  const after = await prepared.engine.stateVersion(prepared.call);
  if (before?.serial !== after?.serial || before?.lineage !== after?.lineage) {
    throw new PlumblineError("state-moved", "The state changed while drift was looked for.");
  }
  return {
    ...(await findNow(world, scratch.workspace, saved, after)),
    saved,
  };
};

const settled = (
  world: World,
  scratch: Scratch,
  prepared: Prepared,
  look: LookOnce & { readonly answers: Answers },
  audit: NewAudit,
): Settled => {
  const { lifecycle } = look;
  return {
    to: "succeeded",
    commit: prepared.tree.commit,
    result: {
      ...(scratch.run.result as JsonObject),
      findings: look.findings.map((finding) => withoutSecrets(world, finding)) as unknown as Json,
      opened: lifecycle.opened.length,
      ended: lifecycle.ended.length,
      ...(audit.audit ? { policies: audit.audit.verdict as unknown as Json } : {}),
    },
    followUps: [
      ...auditAlerts(audit),
      {
        job: { kind: "drift-pull", workspace: scratch.workspace.key },
        dedupeKey: `drift-pull:${scratch.workspace.key}`,
      },
    ],
    store: async (ledger) => {
      await storeFindings(world, ledger, scratch.workspace, look);
      await keepAnswers(ledger, scratch.workspace.key, look.answers);
      await storeAudit(ledger, scratch.workspace.key, audit);
      if (await isFirstCleanLook(ledger, look, scratch.workspace)) {
        await acceptLive(world, ledger, scratch.workspace, look.saved, prepared.tree.commit, look);
      }
    },
  };
};

/** A workspace that was there before Plumbline: what is clean now is what was accepted so far. */
const isFirstCleanLook = async (ledger: Ledger, look: LookOnce, workspace: WorkspaceRow): Promise<boolean> =>
  look.findings.length === 0 &&
  !changesSomething(look.saved) &&
  (await ledger.workspaces.accepted(workspace.key)) === null;
