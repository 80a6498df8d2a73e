import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { openSmallStage, root, type SmallStage, type TestRepo } from "./small-stage.ts";

let stage: SmallStage;
beforeAll(async () => {
  stage = await openSmallStage();
});
afterAll(() => stage.close());

const appliesOf = async ({ name }: TestRepo, number: number) =>
  (await stage.service().world.ledger.runs.list({ pull: { repo: name, number }, kind: "apply" })).toSorted(
    (left, right) => left.createdAt.getTime() - right.createdAt.getTime(),
  );
const locksOn = async (repo: TestRepo, dir: string) =>
  (await stage.service().world.ledger.locks.of(repo.key(dir))).map((lock) => lock.pull.number);

/** Governance of durable state that takes nobody's word and no proof: stateful.test.ts tells of those. */
const APPROVAL_ONLY = "version: 1\ngovernance:\n  classes: { R4: { claim: false, backup_proof: false } }\n";

describe("exactly what was reviewed", () => {
  test.each(["merge", "squash", "rebase"] as const)(
    "%s: applied once, verified, unlocked",
    async (method) => {
      const repo = await stage.repo(`by-${method}`, { "one/main.tf": root("a") }, { applied: ["one"] });
      const number = await repo.propose({ "one/main.tf": root("b") });
      await repo.merge(number, method);
      expect(await repo.live("one")).toEqual({ "terraform_data.it": "b" });
      const [apply, ...more] = await appliesOf(repo, number);
      expect(more).toEqual([]);
      expect(apply?.result).toMatchObject({ verified: true, remaining: [] });
      expect(await locksOn(repo, "one")).toEqual([]);
      expect(repo.statuses(number)).toEqual([
        "plumbline/apply: one: success",
        "plumbline/plan: one: success",
        "plumbline/plan: success",
      ]);
      const merged = stage.forge.deliveries.filter((delivery) => delivery.event === "pull_request").at(-1);
      await stage.forge.redeliver(merged?.id ?? 0);
      await stage.settled();
      expect(await appliesOf(repo, number)).toHaveLength(1);
    },
  );

  test("a value that only the cloud computes, and that ticks, does not stop it", async () => {
    const database = (size: string): string =>
      `terraform {\n  required_providers {\n    aws = { source = "hashicorp/aws" }\n  }\n}\nresource "aws_db_instance" "it" {\n  identifier              = "ticking"\n  engine                  = "postgres"\n  instance_class          = "${size}"\n  allocated_storage       = 20\n  username                = "x"\n  backup_retention_period = 7\n}\n`;
    const repo = await stage.repo("ticking", { "one/main.tf": database("db.small") }, { applied: ["one"] });
    const number = await repo.propose({ "one/main.tf": database("db.large") });
    await repo.merge(number);
    expect(repo.status(number, "plumbline/apply: one")?.description).toBe("applied");
    expect(stage.cloud.read().resources["aws_db_instance"]?.["ticking"]?.["instance_class"]).toBe("db.large");
    const [apply] = await appliesOf(repo, number);
    expect(apply?.result).toMatchObject({ verified: true });
  });

  test("a provisioner that changed since the review stops it, until another person approves the new digest", async () => {
    const withHook = (input: string, says: string): string =>
      root(
        input,
        `resource "terraform_data" "hook" {\n  provisioner "local-exec" {\n    command = "echo ${says}"\n  }\n}\n`,
      );
    const repo = await stage.repo(
      "provisioned",
      { "one/main.tf": withHook("a", "hi") },
      { applied: ["one"] },
    );
    const number = await repo.propose({ "one/more.tf": 'output "o" {\n  value = "new"\n}\n' });
    stage.forge.switches.webhooks = "drop";
    await repo.push("main", { "one/main.tf": withHook("a", "other") }, "lee");
    stage.forge.switches.webhooks = "on";
    await repo.merge(number);
    const stopped = repo.saying(number, "Stopped");
    expect(stopped).toContain("not the one that was reviewed");
    expect(stopped).toContain("provisioners");
    expect(await locksOn(repo, "one")).toEqual([number]);
    await repo.comment(number, "plumbline apply");
    await repo.comment(number, "plumbline apply");
    expect((await appliesOf(repo, number)).map((run) => run.state)).toEqual(["failed", "failed", "failed"]);
    const digest = /approve ([0-9a-f]{8,})/.exec(repo.saying(number, "Stopped"))?.[1] ?? "";
    await repo.comment(number, `plumbline approve ${digest}`, "dana");
    expect(repo.said(number).at(-1)).toContain("cannot approve");
    await repo.comment(number, `plumbline approve ${digest}`, "sam");
    expect((await appliesOf(repo, number)).at(-1)?.state).toBe("failed");
    await repo.comment(number, "plumbline apply");
    expect((await appliesOf(repo, number)).at(-1)?.state).toBe("succeeded");
    expect(await locksOn(repo, "one")).toEqual([]);
  });

  test("what would destroy durable state waits for somebody else's approval", async () => {
    const buckets = (...names: readonly string[]): string =>
      `terraform {\n  required_providers {\n    aws = { source = "hashicorp/aws" }\n  }\n}\nresource "aws_s3_bucket" "it" {\n  for_each = toset(${JSON.stringify(names)})\n  bucket   = each.key\n}\n`;
    const repo = await stage.repo(
      "durable",
      { "one/main.tf": buckets("kept", "gone"), "plumbline.yaml": APPROVAL_ONLY },
      { applied: ["one"] },
    );
    const number = await repo.propose({ "one/main.tf": buckets("kept") });
    const there = () => Object.keys(stage.cloud.read().resources["aws_s3_bucket"] ?? {});
    await repo.merge(number);
    expect(there()).toContain("gone");
    const digest = /approve ([0-9a-f]{8,})/.exec(repo.saying(number, "Stopped"))?.[1] ?? "";
    await repo.comment(number, `plumbline approve ${digest}`, "noor");
    await repo.comment(number, "plumbline apply");
    expect(there()).toEqual(["kept"]);
  });

  test("an approval before the merge counts, and a push voids it", async () => {
    const buckets = (names: readonly string[], more = ""): string =>
      `terraform {\n  required_providers {\n    aws = { source = "hashicorp/aws" }\n  }\n}\nresource "aws_s3_bucket" "it" {\n  for_each = toset(${JSON.stringify(names)})\n  bucket   = each.key\n}\n${more}`;
    const repo = await stage.repo(
      "approved",
      { "one/main.tf": buckets(["stay", "leave"]), "plumbline.yaml": APPROVAL_ONLY },
      { applied: ["one"] },
    );
    const number = await repo.propose({ "one/main.tf": buckets(["stay"]) }, { branch: "drop" });
    const digest = () => /Plan `([0-9a-f]{8,})`/.exec(repo.said(number)[0] ?? "")?.[1] ?? "";
    await repo.comment(number, `plumbline approve ${digest()}`, "noor");
    await repo.push("drop", { "one/main.tf": buckets(["stay"], "# pushed\n") });
    const approvals = await stage.service().world.ledger.approvals.list(repo.ref(number));
    expect(approvals.filter((approval) => approval.voidedAt === null)).toEqual([]);
    await repo.comment(number, `plumbline approve ${digest()}`, "noor");
    await repo.merge(number);
    expect(Object.keys(stage.cloud.read().resources["aws_s3_bucket"] ?? {})).not.toContain("leave");
  });
});

describe("merged before anybody planned it", () => {
  test("in a gap of deliveries: it is said once, nothing is applied, and the next pull request has it", async () => {
    const repo = await stage.repo("unplanned", { "one/main.tf": root("a") }, { applied: ["one"] });
    const pollNow = async (): Promise<void> => {
      const { ledger, clock, nudge } = stage.service().world;
      await ledger.outbox.add([{ job: { kind: "poll", repo: repo.name } }], clock.now());
      nudge();
      await stage.settled();
    };
    await pollNow();
    stage.forge.switches.webhooks = "drop";
    const number = await repo.propose({ "one/main.tf": root("b") });
    await repo.merge(number);
    stage.forge.switches.webhooks = "on";
    await pollNow();
    await pollNow();
    expect(repo.saying(number, "before it was planned")).toContain("`one#default`");
    await repo.comment(number, "plumbline apply");
    await repo.comment(number, "plumbline plan");
    expect(repo.said(number).at(-1)).toContain("The next pull request that touches these workspaces");
    const said = repo.said(number).length;
    stage.forge.switches.webhooks = "drop";
    await repo.comment(number, "plumbline plan");
    stage.forge.switches.webhooks = "on";
    await pollNow();
    expect(repo.said(number)).toHaveLength(said + 1);
    expect(await repo.live("one")).toEqual({ "terraform_data.it": "a" });
    const next = await repo.propose({ "one/notes.tf": "# Looked at.\n" });
    expect(repo.said(next)[0]).toContain("terraform_data.it");
    await repo.merge(next);
    expect(await repo.live("one")).toEqual({ "terraform_data.it": "b" });
  });
});

describe("where and when it applies", () => {
  test("a merge into another branch never applies, not even one that was moved there", async () => {
    const repo = await stage.repo("elsewhere", { "one/main.tf": root("a") }, { applied: ["one"] });
    await repo.push("release", { "notes.md": "x\n" });
    const aside = await repo.propose({ "one/main.tf": root("b") }, { base: "release" });
    await repo.merge(aside);
    const moved = await repo.propose({ "one/main.tf": root("c") });
    await stage.forge.as("dana").edit(repo.ref(moved), { base: "release" });
    await stage.settled();
    await stage.forge
      .as("dana")
      .close(repo.ref(aside))
      .catch(() => undefined);
    expect(await repo.live("one")).toEqual({ "terraform_data.it": "a" });
    expect(await appliesOf(repo, aside)).toEqual([]);
    await repo.comment(aside, "plumbline apply");
    expect(await appliesOf(repo, aside)).toEqual([]);
    expect(await repo.live("one")).toEqual({ "terraform_data.it": "a" });
  });

  test("applied by comment before the merge: once, the lock kept until the merge", async () => {
    const repo = await stage.repo(
      "bycomment",
      {
        "one/main.tf": root("a"),
        "plumbline.yaml": "version: 1\nworkspaces:\n  - dir: one\n    apply: on_comment\n",
      },
      { applied: ["one"] },
    );
    const number = await repo.propose({ "one/main.tf": root("b") });
    await repo.comment(number, "plumbline apply");
    expect(await repo.live("one")).toEqual({ "terraform_data.it": "b" });
    expect(await locksOn(repo, "one")).toEqual([number]);
    await repo.comment(number, "plumbline apply");
    expect(repo.saying(number, "Nothing is left to apply")).not.toContain("on merge");
    await repo.merge(number);
    expect(await appliesOf(repo, number)).toHaveLength(1);
    expect(await locksOn(repo, "one")).toEqual([]);
    expect(repo.status(number, "plumbline/apply: one")?.state).toBe("success");
  });

  test("automerge: once all is applied by comment it is merged, its branch goes, and nothing is applied twice", async () => {
    const rules =
      "automerge: true\ndelete_source_branch_on_merge: true\nsilence_pr_comments: [plan, apply]\nparallel_plan: false\nparallel_apply: false\n";
    const both = "workspaces:\n  - dir: one\n    apply: on_comment\n  - dir: two\n    apply: on_comment\n";
    const repo = await stage.repo(
      "automerged",
      {
        ...{ "one/main.tf": root("a"), "two/main.tf": root("a") },
        "plumbline.yaml": `version: 1\n${rules}${both}`,
      },
      { applied: ["one", "two"] },
    );
    const change = { "one/main.tf": root("b"), "two/main.tf": root("b") };
    const number = await repo.propose(change, { branch: "wish" });
    const { world } = stage.service();
    const inLine = async (kind: "plan" | "apply"): Promise<boolean> => {
      const runs = await world.ledger.runs.list({ pull: repo.ref(number), kind });
      const [first, second] = runs.toSorted(
        (left, right) => +(left.startedAt ?? 0) - +(right.startedAt ?? 0),
      );
      return runs.length === 2 && (first?.endedAt ?? 0) <= (second?.startedAt ?? 0);
    };
    expect(await inLine("plan")).toBe(true);
    await repo.comment(number, "plumbline apply -d one");
    expect((await world.forge.pull(repo.ref(number))).state).toBe("open");
    await repo.comment(number, "plumbline apply -d two");
    expect(await world.forge.pull(repo.ref(number))).toMatchObject({ state: "merged" });
    expect(await repo.live("two")).toEqual({ "terraform_data.it": "b" });
    expect(await appliesOf(repo, number)).toHaveLength(2);
    expect(await locksOn(repo, "one")).toEqual([]);
    await world.git.fetch("acme/automerged");
    expect(await world.git.resolve("acme/automerged", "wish")).toBeNull();
    // All went well: statuses tell it, and nobody got a mail.
    expect(repo.said(number)).toEqual([]);
    expect(repo.status(number, "plumbline/apply: one")?.state).toBe("success");
    const entries = await world.read.audit({ visible: ["*"], action: "automerged", limit: 5 });
    expect(entries.items).toMatchObject([{ subject: `acme/automerged#${number}`, details: { by: "dana" } }]);
  });

  test("automerge: what the forge does not let be merged stays open and says why, once", async () => {
    const repo = await stage.repo(
      "unmerged",
      {
        "one/main.tf": root("a"),
        "plumbline.yaml": "version: 1\nautomerge: true\nworkspaces:\n  - dir: one\n    apply: on_comment\n",
      },
      { applied: ["one"] },
    );
    const number = await repo.propose({ "one/main.tf": root("b") });
    stage.forge.protect("acme/unmerged", "main", { reviews: 1 });
    await repo.comment(number, "plumbline apply");
    expect(await repo.live("one")).toEqual({ "terraform_data.it": "b" });
    expect((await stage.service().world.forge.pull(repo.ref(number))).state).toBe("open");
    expect(repo.saying(number, "was not merged")).toContain("the forge does not let it be merged");
  });

  test("merged while its plan is still made: nothing is applied unseen; apply by comment goes on", async () => {
    const before = { "one/main.tf": root("a"), "two/main.tf": root("a") };
    const repo = await stage.repo("hasty", before, { applied: ["one", "two"] });
    const gate = await stage.gate();
    const change = { "one/main.tf": root("b", gate.data), "two/main.tf": root("b") };
    const number = await repo.propose(change, { settle: false });
    await gate.reached;
    const { pulls, runs } = stage.service().world.ledger;
    const planned = async (): Promise<number> =>
      (await runs.list({ workspace: repo.key("two"), kind: "plan", states: ["succeeded"] })).length;
    await vi.waitFor(async () => expect(await planned()).toBe(1), 60_000);
    await stage.forge.as("dana").merge(repo.ref(number));
    await vi.waitFor(async () => expect((await pulls.get(repo.ref(number)))?.state).toBe("merged"), 60_000);
    gate.open();
    await stage.settled();
    // The end of the other's apply looks again what is due: a plan that came after the merge still waits for a word.
    expect(await repo.live("two")).toEqual({ "terraform_data.it": "b" });
    expect(await repo.live("one")).toEqual({ "terraform_data.it": "a" });
    expect(repo.statuses(number).filter((status) => status.endsWith("pending"))).toEqual([]);
    expect(repo.said(number)[0]).toContain("plumbline apply");
    await repo.comment(number, "plumbline apply");
    expect(await repo.live("one")).toEqual({ "terraform_data.it": "b" });
  });

  test("a second plan that is not empty is said", async () => {
    const never = 'resource "terraform_data" "again" {\n  triggers_replace = timestamp()\n}\n';
    const repo = await stage.repo("restless", { "one/main.tf": root("a", never) }, { applied: ["one"] });
    const number = await repo.propose({ "one/main.tf": root("b", never) });
    await repo.merge(number);
    expect(await repo.live("one")).toMatchObject({ "terraform_data.it": "b" });
    expect(repo.status(number, "plumbline/apply: one")).toMatchObject({
      state: "failure",
      description: "applied, but a second plan is not empty",
    });
    expect(repo.said(number).at(-1)).toContain("replace terraform_data.again");
    // Decision 34: whoever comes next plans what is left, here it is applied again only as a plan of its own.
    expect(await locksOn(repo, "one")).toEqual([]);
    await repo.comment(number, "plumbline apply");
    const [again] = (await appliesOf(repo, number)).toSorted((a, b) => +b.createdAt - +a.createdAt);
    expect(again).toMatchObject({ state: "failed", error: { code: "plan-changed" } });
  });

  test("an apply that fails says what the engine said, keeps the lock and is not tried again by itself", async () => {
    const breaks =
      'resource "terraform_data" "breaks" {\n  input = "x"\n  provisioner "local-exec" {\n    command = "echo the disk is full >&2; exit 3"\n  }\n}\n';
    const repo = await stage.repo("failing", { "one/main.tf": root("a") }, { applied: ["one"] });
    const number = await repo.propose({ "one/main.tf": root("b", breaks) });
    await repo.merge(number);
    expect(repo.status(number, "plumbline/apply: one")?.state).toBe("failure");
    expect(repo.said(number).join("\n")).toContain("exit status 3");
    expect(await locksOn(repo, "one")).toEqual([number]);
    expect(await appliesOf(repo, number)).toHaveLength(1);
    await repo.comment(number, "plumbline unlock");
    expect(await locksOn(repo, "one")).toEqual([]);
  });
});

describe("one after another", () => {
  const order = "version: 1\nworkspaces:\n  - dir: up\n  - dir: down\n    depends_on: [up]\n";
  const up = (value: string): string =>
    root(value, 'output "name" {\n  value = terraform_data.it.input\n}\n');
  const reads =
    'data "terraform_remote_state" "up" {\n  backend = "http"\n  config = {\n    address = "STATE_URL/state/REPO_NAME-up"\n  }\n}\n';
  const down = (value: string): string => `resource "terraform_data" "it" {\n  input = ${value}\n}\n`;

  test("what others depend on is applied first", async () => {
    const repo = await stage.repo(
      "ordered",
      { "up/main.tf": up("a"), "down/main.tf": down('"a"'), "plumbline.yaml": order },
      { applied: ["up", "down"] },
    );
    const number = await repo.propose({ "up/main.tf": up("b"), "down/main.tf": down('"b"') });
    expect(repo.said(number)[0]).toMatch(/provisional|after `up`/i);
    await repo.merge(number);
    const [first, second] = await appliesOf(repo, number);
    expect([first?.workspace, second?.workspace]).toEqual([repo.key("up"), repo.key("down")]);
    expect(second?.startedAt?.getTime()).toBeGreaterThanOrEqual(first?.endedAt?.getTime() ?? Infinity);
    expect(await repo.live("down")).toEqual({ "terraform_data.it": "b" });
  });

  test("a plan that what it depends on changed is shown anew and waits for approval", async () => {
    const repo = await stage.repo(
      "provisional",
      {
        "up/main.tf": up("a"),
        "down/reads.tf": reads,
        "down/main.tf": down("data.terraform_remote_state.up.outputs.name"),
        "plumbline.yaml": order,
      },
      { applied: ["up", "down"] },
    );
    const number = await repo.propose({ "up/main.tf": up("b"), "down/note.tf": "# touched\n" });
    await repo.merge(number);
    expect(await repo.live("up")).toEqual({ "terraform_data.it": "b" });
    expect(await repo.live("down")).toEqual({ "terraform_data.it": "a" });
    const digest = /approve ([0-9a-f]{8,})/.exec(repo.saying(number, "Stopped"))?.[1] ?? "";
    await repo.comment(number, `plumbline approve ${digest}`, "sam");
    await repo.comment(number, "plumbline apply");
    expect(await repo.live("down")).toEqual({ "terraform_data.it": "b" });
  });

  test("a plan that could not be made before is made once what it depends on is applied", async () => {
    const repo = await stage.repo("bootstrap", {
      "up/main.tf": root("a"),
      "down/reads.tf": reads,
      "down/main.tf": down('"old"'),
      "plumbline.yaml": order,
    });
    const number = await repo.propose({
      "up/main.tf": up("fresh"),
      "down/main.tf": down("data.terraform_remote_state.up.outputs.name"),
    });
    expect(repo.status(number, "plumbline/plan: down")?.state).toBe("failure");
    await repo.merge(number);
    expect(await repo.live("up")).toEqual({ "terraform_data.it": "fresh" });
    const stopped = repo.saying(number, "Stopped");
    expect(stopped).toContain("fresh");
    const digest = /approve ([0-9a-f]{8,})/.exec(stopped)?.[1] ?? "";
    await repo.comment(number, `plumbline approve ${digest}`, "sam");
    await repo.comment(number, "plumbline apply");
    expect(await repo.live("down")).toEqual({ "terraform_data.it": "fresh" });
    expect(repo.statuses(number).filter((status) => !status.endsWith("success"))).toEqual([]);
  });
});
