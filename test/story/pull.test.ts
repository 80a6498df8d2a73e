import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { startReceiver } from "../adapters/receiver.ts";
import { sentSpans } from "../contract/spans.ts";
import { openSmallStage, root, type SmallStage } from "./small-stage.ts";

let stage: SmallStage;
let collector: Awaited<ReturnType<typeof startReceiver>>;
beforeAll(async () => {
  collector = await startReceiver();
  stage = await openSmallStage((config) => ({ ...config, traces: { endpoint: collector.url, headers: {} } }));
});
afterAll(async () => {
  await stage.close();
  await collector.close();
});

const plansOf = async (repo: string, number: number) =>
  (await stage.service().world.ledger.runs.list({ pull: { repo, number }, kind: "plan" })).toSorted(
    (left, right) => left.createdAt.getTime() - right.createdAt.getTime(),
  );

describe("what a pull request gets", () => {
  test("no workspace touched: the required status is success, and nobody gets a comment", async () => {
    const repo = await stage.repo("untouched", { "one/main.tf": root("a"), "README.md": "Hello\n" });
    const number = await repo.propose({ "README.md": "Hello again\n" });
    expect(repo.statuses(number)).toEqual(["plumbline/plan: success"]);
    expect(repo.said(number)).toEqual([]);
  });

  test("workspaces touched: one comment and their statuses, edited in place by the next push", async () => {
    const repo = await stage.repo("touched", { "one/main.tf": root("a"), "two/main.tf": root("b") });
    const number = await repo.propose({ "one/main.tf": root("changed") }, { branch: "more" });
    expect(repo.statuses(number)).toEqual(["plumbline/plan: one: success", "plumbline/plan: success"]);
    expect(repo.saying(number, "terraform_data.it")).toContain("one");
    await repo.push("more", { "two/main.tf": root("also") });
    expect(repo.statuses(number)).toEqual([
      "plumbline/plan: one: success",
      "plumbline/plan: success",
      "plumbline/plan: two: success",
    ]);
    expect(repo.said(number)).toHaveLength(1);
  });

  test("one webhook is followed by its id into the job, the run and the engine's commands", async () => {
    const repo = await stage.repo("traced", { "one/main.tf": root("a") });
    const before = stage.logged.length;
    const number = await repo.propose({ "one/main.tf": root("changed") });
    const [plan] = await plansOf(repo.name, number);
    const lines = stage.logged.slice(before).map((line) => JSON.parse(line) as Record<string, unknown>);
    const taken = lines.filter(({ text }) => text === "a webhook was taken in");
    expect(taken.map(({ request }) => request)).toContain(plan?.request);
    expect(plan?.request).toMatch(/^github:./);
    const ofRun = lines.filter(({ run }) => run === plan?.id);
    const texts = ofRun.map(({ text, command }) => String(command ?? text).replace(/^(terraform|tofu) /, ""));
    expect(texts).toEqual(expect.arrayContaining(["a run began", "init", "plan", "a run ended"]));
    for (const line of ofRun) expect(line).toMatchObject({ request: plan?.request, job: expect.any(String) });
    const run = await vi.waitFor(
      () => {
        const found = sentSpans(collector.received).find(({ facts }) => facts["plumbline.run"] === plan?.id);
        expect(found).toBeDefined();
        return found;
      },
      { timeout: 60_000 },
    );
    expect(run).toMatchObject({ name: "run plan", above: "", failed: false });
    expect(run?.facts).toMatchObject({
      "plumbline.workspace": repo.key("one"),
      "plumbline.kind": "plan",
      "plumbline.result": "succeeded",
      "plumbline.pull": `${repo.name}#${number}`,
    });
    const below = (id: string | undefined) =>
      sentSpans(collector.received).filter(({ above }) => above === id);
    const steps = below(run?.id);
    expect(steps.map(({ name }) => name)).toEqual(expect.arrayContaining(["init", "plan"]));
    const engine = steps
      .flatMap(({ id }) => below(id))
      .map(({ name }) => name.replace(/^(terraform|tofu) /, ""));
    expect(engine).toEqual(expect.arrayContaining(["init", "plan", "show"]));
    expect(lines.find(({ command, run: id }) => id === plan?.id && command)).toMatchObject({
      trace: run?.trace,
    });
  });

  test("a workspace that a later push leaves alone again is not applied, and its lock is free", async () => {
    const repo = await stage.repo(
      "takenback",
      { "one/main.tf": root("a"), "two/main.tf": root("b") },
      { applied: ["one", "two"] },
    );
    const files = { "one/main.tf": root("a2"), "two/main.tf": root("b2") };
    const number = await repo.propose(files, { branch: "both" });
    await repo.push("both", { "two/main.tf": root("b") });
    expect(repo.statuses(number)).toEqual(["plumbline/plan: one: success", "plumbline/plan: success"]);
    expect(await stage.service().world.ledger.locks.of(repo.key("two"))).toEqual([]);
    await repo.merge(number);
    expect(repo.statuses(number)).toEqual([
      "plumbline/apply: one: success",
      "plumbline/plan: one: success",
      "plumbline/plan: success",
    ]);
  });

  test("when the deploy branch moves, only what it touched is planned again", async () => {
    const repo = await stage.repo("moving", {
      "one/main.tf": root("a"),
      "two/main.tf": root("b"),
      "x.md": "x",
    });
    const files = { "one/extra.tf": "# more\n", "two/extra.tf": "# more\n" };
    const number = await repo.propose(files);
    await repo.push("main", { "x.md": "y" }, "lee");
    expect(await plansOf(repo.name, number)).toHaveLength(2);
    await repo.push("main", { "two/main.tf": root("moved") }, "lee");
    const [first, second, third, ...more] = await plansOf(repo.name, number);
    expect([first?.workspace, second?.workspace].toSorted()).toEqual([repo.key("one"), repo.key("two")]);
    expect(third?.workspace).toBe(repo.key("two"));
    expect(more).toEqual([]);
    expect(repo.saying(number, "terraform_data.it")).toContain("moved");
  });

  test("a draft waits until it is ready; a closed one is planned again when it is reopened", async () => {
    const repo = await stage.repo("drafty", { "one/main.tf": root("a") });
    const number = await repo.propose({ "one/main.tf": root("b") }, { draft: true });
    expect(await plansOf(repo.name, number)).toEqual([]);
    expect(repo.said(number)).toEqual([]);
    await stage.forge.as("dana").setDraft(repo.ref(number), false);
    await stage.settled();
    expect(repo.statuses(number)).toContain("plumbline/plan: one: success");
    await stage.forge.as("dana").close(repo.ref(number));
    await stage.settled();
    expect(await stage.service().world.ledger.locks.of(repo.key("one"))).toEqual([]);
    await stage.forge.as("dana").reopen(repo.ref(number));
    await stage.settled();
    expect(await plansOf(repo.name, number)).toHaveLength(2);
    expect(await stage.service().world.ledger.locks.of(repo.key("one"))).toHaveLength(1);
    expect(repo.statuses(number)).toEqual(["plumbline/plan: one: success", "plumbline/plan: success"]);
  });

  test("a push while the older head is planned: only the newer head's result is told", async () => {
    const repo = await stage.repo("overtaken", { "one/main.tf": root("a") });
    const gate = await stage.gate();
    const number = await repo.propose(
      { "one/main.tf": root("older", gate.data) },
      { branch: "race", settle: false },
    );
    await gate.reached;
    const newer = await stage.forge.as("dana").pushFiles(repo.name, "race", { "one/main.tf": root("newer") });
    await stage.forge.waitFor("the newer head", () => stage.forge.statuses(repo.name, newer).length > 0);
    gate.open();
    await stage.settled();
    expect(repo.said(number)).toHaveLength(1);
    expect(repo.saying(number, "newer")).not.toContain("older");
    expect(repo.statuses(number)).toEqual(["plumbline/plan: one: success", "plumbline/plan: success"]);
  });

  test("a head that does not merge is said so, and planned once it does", async () => {
    const repo = await stage.repo("conflict", { "one/main.tf": root("a") });
    const number = await repo.propose({ "one/main.tf": root("b") }, { branch: "mine", settle: false });
    await stage.settled();
    await repo.push("main", { "one/main.tf": root("c") }, "lee");
    expect(repo.saying(number, "does not merge")).toContain("one/main.tf");
    expect(repo.status(number, "plumbline/plan")?.state).toBe("failure");
    await repo.push("main", { "one/main.tf": root("a") }, "lee");
    expect(repo.status(number, "plumbline/plan")?.state).toBe("success");
    expect(repo.said(number)).toHaveLength(1);
    expect(repo.said(number)[0]).not.toContain("does not merge");
  });
});

describe("bad input", () => {
  test("a broken configuration: every problem with its path in one comment, nothing planned", async () => {
    const repo = await stage.repo("broken", { "one/main.tf": root("a") });
    const number = await repo.propose({
      "one/main.tf": root("b"),
      "plumbline.yaml": "version: 1\nworkspaces:\n  - dir: one\n    aply: on_merge\n    lock: sometimes\n",
    });
    const text = repo.saying(number, "workspaces\\[0\\]");
    expect(text).toContain("aply");
    expect(text).toContain("lock: This must be one of");
    expect(await plansOf(repo.name, number)).toEqual([]);
    expect(repo.statuses(number)).toEqual(["plumbline/plan: failure"]);
  });

  test("YAML that cannot be read is told by line, and the mended file clears it", async () => {
    const repo = await stage.repo("unreadable", { "one/main.tf": root("a") });
    const number = await repo.propose(
      { "one/main.tf": root("b"), "plumbline.yaml": "version: 1\nworkspaces: [\n" },
      { branch: "yaml" },
    );
    expect(repo.saying(number, "line ")).toBeDefined();
    expect(await plansOf(repo.name, number)).toEqual([]);
    await repo.push("yaml", { "plumbline.yaml": "version: 1\n" });
    expect(repo.statuses(number)).toEqual(["plumbline/plan: one: success", "plumbline/plan: success"]);
    expect(repo.said(number)).toHaveLength(1);
  });

  test("one workspace's plan fails with the engine's words; the others go on", async () => {
    const repo = await stage.repo("halffailed", { "one/main.tf": root("a"), "two/main.tf": root("b") });
    const number = await repo.propose({
      "one/main.tf": root("b", 'output "o" {\n  value = local.nowhere\n}\n'),
      "two/main.tf": root("c"),
    });
    expect(repo.statuses(number)).toEqual([
      "plumbline/plan: failure",
      "plumbline/plan: one: failure",
      "plumbline/plan: two: success",
    ]);
    expect(repo.saying(number, "nowhere")).toContain("terraform_data.it");
  });

  test("long diagnostics lose their beginning, never their end", async () => {
    const many = Array.from(
      { length: 150 },
      (_, index) => `output "o${index}" {\n  value = local.nowhere${index}\n}\n`,
    );
    const repo = await stage.repo("longwinded", { "one/main.tf": root("a") });
    const number = await repo.propose({ "one/main.tf": root("b", many.join("")) });
    const text = repo.saying(number, "the first ");
    const outside = text.replaceAll(/<details>[\s\S]*?<\/details>/g, "");
    const named = [...text.matchAll(/nowhere(\d+)/g)].map((found) => Number(found[1]));
    expect(outside).toMatch(/the first \d+ characters/);
    expect(Math.max(...named)).toBe(149);
  });
});

describe("which workspaces a change touches", () => {
  test("a local module: every root that uses it, through other modules too", async () => {
    const uses = (source: string) => `module "m" {\n  source = "${source}"\n}\n`;
    const repo = await stage.repo("modular", {
      "modules/inner/main.tf": root("a"),
      "modules/outer/main.tf": uses("../inner"),
      "direct/main.tf": uses("../modules/inner"),
      "nested/main.tf": uses("../modules/outer"),
      "other/main.tf": root("x"),
    });
    const number = await repo.propose({ "modules/inner/main.tf": root("b") });
    expect(repo.statuses(number)).toEqual([
      "plumbline/plan: direct: success",
      "plumbline/plan: nested: success",
      "plumbline/plan: success",
    ]);
  });

  test("a deleted root is planned as a destroy from the base; merged, it is destroyed and no longer watched", async () => {
    const repo = await stage.repo(
      "deleted",
      { "one/main.tf": root("a"), "two/main.tf": root("b") },
      { applied: ["one", "two"] },
    );
    const number = await repo.propose({ "one/main.tf": null, "one/backend.tf": null });
    expect(repo.statuses(number)).toEqual(["plumbline/plan: one: success", "plumbline/plan: success"]);
    expect(repo.saying(number, "terraform_data.it")).toContain("destroy");
    expect(await repo.live("one")).toEqual({ "terraform_data.it": "a" });
    await repo.merge(number);
    expect(await repo.live("one")).toEqual({});
    expect(await repo.live("two")).toEqual({ "terraform_data.it": "b" });
    const left = await stage.service().world.ledger.workspaces.list({ repo: repo.name, removed: false });
    expect(left.map((row) => row.key)).toEqual([repo.key("two")]);
  });

  test("so is a workspace that is taken out of plumbline.yaml", async () => {
    const listed = (...dirs: readonly string[]) =>
      `version: 1\nautodiscover: { enabled: false }\nworkspaces:\n${dirs.map((dir) => `  - dir: ${dir}\n`).join("")}`;
    const repo = await stage.repo(
      "takenout",
      { "one/main.tf": root("a"), "two/main.tf": root("b"), "plumbline.yaml": listed("one", "two") },
      { applied: ["one", "two"] },
    );
    const number = await repo.propose({ "plumbline.yaml": listed("two") });
    expect(repo.saying(number, "terraform_data.it")).toContain("destroy");
    await repo.merge(number);
    expect(await repo.live("one")).toEqual({});
    expect(await repo.live("two")).toEqual({ "terraform_data.it": "b" });
  });
});
