import { chmod, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PLAN_GATE } from "../../src/model/plan-gate.ts";
import { openSmallStage, root, type SmallStage } from "./small-stage.ts";

let stage: SmallStage;
let calls: string;

/** An engine that writes down each start before it does what it is asked. */
const countingEngine = async (): Promise<string> => {
  const dir = await mkdtemp(join(tmpdir(), "plumbline-counting-"));
  calls = join(dir, "calls");
  await writeFile(calls, "");
  const real = process.env["PLUMBLINE_ENGINE"] ?? "terraform";
  const engine = join(dir, "terraform");
  await writeFile(engine, `#!/bin/sh\necho "$1" >> '${calls}'\nexec '${real}' "$@"\n`);
  await chmod(engine, 0o755);
  return engine;
};

const started = async (): Promise<readonly string[]> =>
  (await readFile(calls, "utf8")).split("\n").filter((name) => name === "init" || name === "plan");

beforeAll(async () => {
  const path = await countingEngine();
  stage = await openSmallStage((config) => ({
    ...config,
    planGate: PLAN_GATE,
    forks: true,
    engine: { ...config.engine, path },
  }));
});
afterAll(() => stage.close());

test("what a head brings runs nothing before a maintainer lets it go on, and the word counts for what was shown", async () => {
  const repo = await stage.repo("held", { "app/main.tf": root("one") });
  const leak = root("two", 'data "external" "leak" {\n  program = ["sh", "-c", "env >&2; exit 1"]\n}\n');
  const number = await repo.propose({ "app/main.tf": leak }, { branch: "leak" });

  expect(await started()).toEqual([]);
  const held = repo.saying(number, "Nothing could be planned");
  expect(held).toContain("app/main.tf:4: data.external.leak runs a program: new");
  expect(held).toContain("maintain permission");
  expect(repo.status(number, "plumbline/plan")).toMatchObject({ state: "failure" });

  await repo.comment(number, "plumbline plan", "dana");
  expect(await started()).toEqual([]);

  // Another head: what a maintainer read before it counts no more.
  await repo.push("leak", { "app/main.tf": leak.replace("exit 1", "exit 0") });
  const audit = () => stage.service().world.ledger.audit.list({ subject: `${repo.name}#${number}` });
  expect((await audit()).map(({ action }) => action)).not.toContain("let-plan-go-on");
  await repo.comment(number, "plumbline plan", "lee");
  expect(await started()).toContain("init");
  expect(await audit()).toContainEqual(
    expect.objectContaining({
      actor: "lee",
      action: "let-plan-go-on",
      details: expect.objectContaining({ holds: [expect.objectContaining({ check: "external" })] }),
    }),
  );
});

test("a fork's head is shown, and one word of a maintainer plans it with what it brings", async () => {
  const repo = await stage.repo("forked", { "app/main.tf": root("one") });
  stage.forge.addUser("eve", "none");
  const before = (await started()).length;
  const eve = stage.forge.as("eve");
  const fork = await eve.fork(repo.name);
  const external = 'data "external" "it" {\n  program = ["sh", "-c", "echo {}"]\n}\n';
  await eve.pushFiles(fork, "theirs", { "app/main.tf": root("two", external) });
  const number = await eve.openPull(repo.name, { title: "Eve's", head: "eve:theirs" });
  await stage.settled();
  const shown = repo.saying(number, "This comes from a fork");
  expect(shown).toContain("data.external.it runs a program: new");
  expect(repo.status(number, "plumbline/plan")).toMatchObject({ state: "failure" });
  // Neither its author nor whoever may only write is a maintainer.
  await repo.comment(number, "plumbline plan", "eve");
  await repo.comment(number, "plumbline plan", "dana");
  expect((await started()).length).toBe(before);

  await repo.comment(number, "plumbline plan", "lee");
  expect((await started()).length).toBeGreaterThan(before);
  const audit = await stage.service().world.ledger.audit.list({ subject: `${repo.name}#${number}` });
  expect(audit.map(({ action }) => action)).toEqual(
    expect.arrayContaining(["let-fork-be-planned", "let-plan-go-on"]),
  );

  // The next push is another head.
  const count = (await started()).length;
  await eve.pushFiles(fork, "theirs", { "app/main.tf": root("three") });
  await stage.settled();
  expect((await started()).length).toBe(count);
  expect(repo.saying(number, "This comes from a fork")).not.toContain("data.external.it");
});

test("what changes only itself is planned at once", async () => {
  const repo = await stage.repo("plain", { "app/main.tf": root("one") });
  const before = (await started()).length;
  await repo.propose({ "app/main.tf": root("two") });
  expect((await started()).length).toBeGreaterThan(before);
});

test("shell words in title, branch and file names run nothing", async () => {
  const repo = await stage.repo("words", { "app/main.tf": root("one") });
  const mark = join(await mkdtemp(join(tmpdir(), "plumbline-shell-")), "ran");
  const words = `$(touch$IFS${mark})\`touch$IFS${mark}\`;touch$IFS${mark}`;
  const number = await repo.propose(
    { "app/main.tf": root("two"), [`app/$(touch ran);x.auto.tfvars`]: "" },
    { branch: "x;touch$IFS'ran'", title: words },
  );
  await repo.comment(number, `plumbline plan -d '$(touch ${mark})' -- -parallelism=$(touch ${mark})`);
  expect(repo.statuses(number)).toContain("plumbline/plan: success");
  await expect(readFile(mark)).rejects.toMatchObject({ code: "ENOENT" });
});

test("providers and backend settings that lie in the repository are never met by an engine", async () => {
  const repo = await stage.repo("machinery", { "app/main.tf": root("one") });
  const before = (await started()).length;
  const number = await repo.propose({
    "app/main.tf": root("two"),
    "app/.terraform/terraform.tfstate": "{}",
  });
  expect(repo.saying(number, "must not come from a pull request")).toContain(
    "app/.terraform/terraform.tfstate",
  );
  expect((await started()).length).toBe(before);
});
