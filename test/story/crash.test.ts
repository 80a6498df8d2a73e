import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { markApply, spoolOf } from "../../src/adapters/apply-marker.ts";
import { readLogRef } from "../../src/run/log-ref.ts";
import { type RunInput, readRunInput, writeRunInput } from "../../src/run/run-input.ts";
import { openSmallStage, root, type SmallStage, type TestRepo } from "./small-stage.ts";

let stage: SmallStage;
beforeAll(async () => {
  stage = await openSmallStage();
  for (const [name, death] of Object.entries(DEATHS)) await dieWhileApplying(name, death);
  // All of them found by one start.
  await stage.stop();
  await stage.start();
  await stage.settled();
}, 240_000);
afterAll(() => stage.close());

interface Death {
  /** What the engine had written by then; left out where it was never started. */
  readonly wrote?: string;
  /** Instead of a mark that can be read. */
  readonly mark?: string;
  /** A state that the engine could not save. */
  readonly errored?: string;
  /** The plan held nothing. */
  readonly empty?: boolean;
  /** The commit that was to be applied cannot be planned any more. */
  readonly broken?: boolean;
}

const COMPLETE = "Apply complete! Resources: 0 added, 0 changed, 0 destroyed.\n";
const SAVING = {
  errored: '{"serial":9,"lineage":"x"}',
  wrote: "password = hunter2-of-the-plan\nError: Failed to save state\n",
};
const DEATHS: Readonly<Record<string, Death>> = {
  started: {},
  empty: { empty: true },
  said: { empty: true, wrote: COMPLETE },
  saving: SAVING,
  unmarked: { ...SAVING, mark: '{"plan":"/da' },
  broken: { broken: true, wrote: "Creating...\n" },
};
const died = new Map<string, { readonly repo: TestRepo; readonly number: number; readonly id: string }>();

/** An apply that had begun when its process died: what the ledger and the disk hold then, and nothing else. */
const dieWhileApplying = async (name: string, death: Death): Promise<void> => {
  const repo = await stage.repo(`died-${name}`, { "one/main.tf": root("a") }, { applied: ["one"] });
  const number = await repo.propose({
    "one/main.tf": death.empty ? root("a", "# a comment is no change\n") : root("b"),
  });
  const { ledger, clock } = stage.service().world;
  const [plan] = await ledger.runs.list({ pull: repo.ref(number), kind: "plan" });
  if (!plan) throw new Error("There is no plan.");
  const holder = (await readFile(join(stage.config.dataDir, "instance"), "utf8")).trim();
  const [id, at] = [`run_died_${name}`, clock.now()];
  const { workspace, pull, head, base } = plan;
  const commit = death.broken ? await repo.push("broken", { "one/main.tf": "resource {" }) : null;
  const input: RunInput = { ...readRunInput(plan), intent: "merge", ...(commit ? { commit } : {}) };
  const told = { trigger: "merge", requestedBy: "dana", createdAt: at, input: writeRunInput(input) };
  await ledger.runs.create({ id, workspace, kind: "apply", pull, head, base, ...told });
  const lease = await ledger.leases.acquire(workspace, id, holder, at, 30_000);
  if ("heldBy" in lease) throw new Error("The workspace is taken.");
  const { token } = lease;
  const result = { ...JSON.parse(JSON.stringify(input)), emptyPlan: death.empty === true };
  await ledger.runs.transition(id, { from: ["queued"], to: "running", token, at });
  await ledger.runs.transition(id, { from: ["running"], to: "apply-started", token, at, result });
  await leave(id, workspace, input, death);
  died.set(name, { repo, number, id });
};

/** As the engine's adapter would have left it, after a process that is long gone. */
const leave = async (id: string, workspace: string, input: RunInput, death: Death): Promise<void> => {
  const { files, git } = stage.service().world;
  const dataDir = await files.dataDir(workspace);
  const cwd = join(git.pathOf(workspace), input.config.dir);
  await mkdir(cwd, { recursive: true });
  if (death.wrote !== undefined || death.errored !== undefined)
    await markApply(dataDir, { plan: join(stage.config.dataDir, "scratch", `${id}-x`, "plan.tfplan"), cwd });
  if (death.wrote !== undefined) await writeFile(spoolOf(dataDir), death.wrote);
  if (death.mark !== undefined) await writeFile(join(dataDir, "apply.json"), death.mark);
  if (death.errored !== undefined) await writeFile(join(cwd, "errored.tfstate"), death.errored);
};

const found = async (name: string) => {
  const one = died.get(name);
  if (!one) throw new Error(`Nothing died as ${name}.`);
  const { ledger, artifacts } = stage.service().world;
  const run = await ledger.runs.get(one.id);
  if (!run) throw new Error("The run is gone.");
  expect(await ledger.leases.get(run.workspace)).toBeNull();
  const log = readLogRef(run.logArtifact ?? "");
  return {
    run,
    log: log ? new TextDecoder().decode(await artifacts.get(log)) : "",
    statuses: one.repo.statuses(one.number).join("\n"),
    said: one.repo.said(one.number).join("\n"),
    audit: (await ledger.audit.list({ subject: run.workspace })).map((entry) => entry.action),
    applies: await ledger.runs.list({ pull: one.repo.ref(one.number), kind: "apply" }),
  };
};

describe("a process that died while it applied", () => {
  test("nothing was done: it is never applied again, what is left is told, and the workspace is free", async () => {
    const { run, statuses, said, audit, applies } = await found("started");
    expect(run).toMatchObject({ state: "failed", result: { remaining: ["update terraform_data.it"] } });
    expect(run.error?.message).toContain("nothing was applied");
    expect(statuses).toContain("plumbline/apply: one: failure");
    expect(said).toContain("update terraform_data.it");
    expect(audit).toEqual(expect.arrayContaining(["apply-unknown", "apply-reconciled"]));
    expect(applies).toHaveLength(1);
  });

  test("before the engine came up, with an empty plan: what a plan finds clean was not applied all the same", async () => {
    const { run } = await found("empty");
    expect(run).toMatchObject({
      state: "failed",
      result: { verified: true },
      error: { code: "interrupted" },
    });
  });

  test("its plan was empty and the engine said that it was complete: applied", async () => {
    const { run, log } = await found("said");
    expect(run).toMatchObject({ state: "succeeded" });
    expect(log).toContain("Apply complete!");
  });

  test.each(["saving", "unmarked"])(
    "a state that the engine could not save is kept (%s), and its output is in no log",
    async (name) => {
      const { run, log, said } = await found(name);
      expect(run).toMatchObject({ state: "failed", error: { code: "workspace-frozen" } });
      const { ledger, artifacts } = stage.service().world;
      const artifact = (await ledger.workspaces.get(run.workspace))?.frozen?.artifact;
      expect(artifact && new TextDecoder().decode(await artifacts.get(artifact))).toBe(SAVING.errored);
      expect(log + stage.logged.join("\n")).not.toContain("hunter2");
      expect(log).toContain("could not save");
      expect(said).toContain("plumbline state push");
    },
  );

  test("what is left cannot be planned: that is said, and the run ends all the same", async () => {
    const { run } = await found("broken");
    expect(run).toMatchObject({
      state: "failed",
      error: { code: "interrupted" },
      result: { remaining: ["the plan of what is left failed; see the log"] },
    });
  });
});
