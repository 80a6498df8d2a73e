import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openSmallStage, root, type SmallStage, type TestRepo } from "./small-stage.ts";

let stage: SmallStage;
beforeAll(async () => {
  stage = await openSmallStage();
});
afterAll(() => stage.close());

const plansOf = async ({ name }: TestRepo, number: number) =>
  (await stage.service().world.ledger.runs.list({ pull: { repo: name, number }, kind: "plan" })).map(
    (run) => run.workspace,
  );
const two = { "one/main.tf": root("a"), "two/main.tf": root("b") };

describe("who is obeyed", () => {
  let repo: TestRepo;
  let number: number;
  beforeAll(async () => {
    repo = await stage.repo("obey", two);
    number = await repo.propose({ "one/main.tf": root("c") });
  });

  test("somebody without permission gets a refusal that names what it takes", async () => {
    const before = await plansOf(repo, number);
    await repo.comment(number, "plumbline plan", "rita");
    expect(repo.saying(number, "@rita")).toContain("`write`");
    expect(await plansOf(repo, number)).toEqual(before);
    await repo.comment(number, "What does this do?", "rita");
    expect(repo.said(number)).toHaveLength(2);
  });

  test("a bot is not, nor the service's own words", async () => {
    const [before, said] = [await plansOf(repo, number), repo.said(number).length];
    await repo.comment(number, "plumbline plan", "renovate[bot]");
    await repo.comment(number, "plumbline help", "plumbline[bot]");
    expect(await plansOf(repo, number)).toEqual(before);
    expect(repo.said(number)).toHaveLength(said + 1);
  });

  test("an old comment that is edited into a command is not", async () => {
    const before = await plansOf(repo, number);
    const id = await repo.comment(number, "Looks good");
    const edited = await fetch(`${stage.forge.apiUrl}/repos/${repo.name}/issues/comments/${id}`, {
      method: "PATCH",
      headers: { authorization: `token ${stage.forge.as("dana").token}`, "content-type": "application/json" },
      body: JSON.stringify({ body: "plumbline plan" }),
    });
    expect(edited.status).toBe(200);
    await stage.settled();
    expect(await plansOf(repo, number)).toEqual(before);
  });

  test("a command whose webhook comes twice runs once and is answered once", async () => {
    await repo.comment(number, "plumbline help");
    const [answers, plans] = [repo.said(number).length, await plansOf(repo, number)];
    const delivery = stage.forge.deliveries.at(-1);
    await stage.forge.redeliver(delivery?.id ?? 0);
    await stage.settled();
    expect(repo.said(number)).toHaveLength(answers);
    expect(await plansOf(repo, number)).toEqual(plans);
  });
});

describe("what commands do", () => {
  let repo: TestRepo;
  beforeAll(async () => {
    repo = await stage.repo("words", {
      ...two,
      "plumbline.yaml": "version: 1\nworkspaces:\n  - dir: one\n  - dir: two\n    project: second\n",
    });
  });

  test("plan -d and -p plan what they name, whether touched or not; -w that nobody has says so", async () => {
    const number = await repo.propose({ "one/main.tf": root("c") });
    await repo.comment(number, "plumbline plan -p second");
    expect(repo.statuses(number)).toContain("plumbline/plan: second: success");
    await repo.comment(number, "plumbline plan -d one");
    expect((await plansOf(repo, number)).filter((key) => key === repo.key("one"))).toHaveLength(2);
    const before = repo.said(number).length;
    await repo.comment(number, "plumbline plan -w nowhere");
    expect(repo.said(number).length).toBe(before + 1);
    expect(repo.said(number).at(-1)).toContain("nowhere");
    await stage.forge.as("dana").close(repo.ref(number));
    await stage.settled();
  });

  test("a misspelt command, an unknown flag and a bare word are answered with the way out", async () => {
    const number = await repo.propose({ "one/main.tf": root("d") });
    const answers = async (body: string): Promise<string> => {
      await repo.comment(number, body);
      return repo.said(number).at(-1) ?? "";
    };
    expect(await answers("plumbline paln")).toContain("plan");
    expect(await answers("plumbline plan --frobnicate")).toContain("frobnicate");
    expect(await answers("plumbline approve")).toContain("DIGEST");
    expect(await answers("plumbline approve 00000000ff")).toContain("digest");
    expect(await answers("plumbline formalize")).toContain("drift pull request");
    expect(await answers("plumbline help")).toContain("| command | does |");
    expect(await answers("plumbline version")).toMatch(
      /Plumbline 0\.0\.0, default engine (terraform|tofu) \d/,
    );
    expect(await answers("plumbline apply")).toContain("applies on merge");
    expect(await answers("plumbline revert")).toContain("No open drift");
    expect(await answers("plumbline approve_policies")).toContain("polic");
    expect(await answers("plumbline approve_policies --clear-policy-approval")).toContain(
      "nothing was approved",
    );
    expect(await answers("plumbline approve_policies --policy-set a")).toContain("nothing was approved");
  });

  test("cancel ends a running plan at once: nothing stays pending, and plan starts again", async () => {
    const gate = await stage.gate();
    const number = await repo.propose({ "one/main.tf": root("d", gate.data) }, { settle: false });
    await gate.reached;
    await stage.forge.as("dana").comment(repo.ref(number), "plumbline cancel");
    await stage.forge.waitFor("an answer", () =>
      repo.said(number).some((body) => body.includes("Cancelled 1")),
    );
    gate.open();
    await stage.settled();
    expect(repo.statuses(number).filter((status) => status.endsWith("pending"))).toEqual([]);
    expect(repo.status(number, "plumbline/plan")?.state).toBe("error");
    await repo.comment(number, "plumbline plan");
    expect(repo.statuses(number)).toEqual(["plumbline/plan: one: success", "plumbline/plan: success"]);
  });
});

describe("locks", () => {
  test("are taken in order, shown with their holder, and whoever is next is planned again", async () => {
    const repo = await stage.repo("queue", { "one/main.tf": root("a") }, { applied: ["one"] });
    const first = await repo.propose({ "one/main.tf": root("b") });
    const second = await repo.propose({ "one/main.tf": root("c") }, { who: "sam" });
    const third = await repo.propose({ "one/main.tf": root("d") }, { who: "lee" });
    expect(repo.said(second)[0]).toContain(`#${first}`);
    expect(repo.said(third)[0]).toContain(`#${first}`);
    const plans = await plansOf(repo, second);
    await repo.comment(first, "plumbline unlock");
    expect(repo.saying(first, "Released")).toContain(repo.key("one"));
    expect(await plansOf(repo, second)).toHaveLength(plans.length + 1);
    expect(repo.said(second)[0]).not.toContain(`#${first}`);
    const { locks } = stage.service().world.ledger;
    expect((await locks.of(repo.key("one"))).map((lock) => lock.pull.number)).toEqual([second, third]);
    expect(repo.said(third)[0]).toContain(`#${second}`);
  });

  test("an unlocked pull request has no plan to apply, and is pending no more", async () => {
    const repo = await stage.repo("unlocked", { "one/main.tf": root("a") });
    const number = await repo.propose({ "one/main.tf": root("b") });
    await repo.comment(number, "plumbline unlock");
    expect(repo.statuses(number).filter((status) => status.endsWith("pending"))).toEqual([]);
    await repo.comment(number, "plumbline apply");
    expect(repo.said(number).at(-1)).toContain("plumbline plan");
    await repo.comment(number, "plumbline plan");
    expect(repo.statuses(number)).toEqual(["plumbline/plan: one: success", "plumbline/plan: success"]);
  });

  test("a merge while another holds the lock is stopped and says who holds it, and goes on once it is free", async () => {
    const repo = await stage.repo(
      "held",
      { "one/main.tf": root("a"), "two/main.tf": root("b") },
      { applied: ["one"] },
    );
    const holder = await repo.propose({ "one/more.tf": "# more\n", "one/main.tf": root("x") });
    const other = await repo.propose({ "one/main.tf": root("c") }, { who: "sam" });
    await repo.merge(other);
    expect(await repo.live("one")).toEqual({ "terraform_data.it": "a" });
    expect(repo.status(other, "plumbline/apply: one")?.description).toContain(`#${holder} holds the lock`);
    await stage.forge.as("dana").close(repo.ref(holder));
    await stage.settled();
    expect(await repo.live("one")).toEqual({ "terraform_data.it": "c" });
    expect(repo.status(other, "plumbline/apply: one")?.state).toBe("success");
    expect(await stage.service().world.ledger.locks.of(repo.key("one"))).toEqual([]);
  });
});
