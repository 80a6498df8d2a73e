import { execa } from "execa";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { ErrorCode } from "../../src/model/error-codes.ts";
import { PlumblineError } from "../../src/model/errors.ts";
import { tapped } from "../kill/tap.ts";
import { openSmallStage, root, type SmallStage, type TestRepo } from "./small-stage.ts";

/** Thrown before each call of a port for which it names a code. */
let fault: (label: string) => ErrorCode | null = () => null;
const calls: string[] = [];

let stage: SmallStage;
beforeAll(async () => {
  stage = await openSmallStage(undefined, {
    tap: (name, port) =>
      tapped(name, port, (when, label) => {
        if (when === "after") return;
        calls.push(label);
        const code = fault(label);
        if (code) throw new PlumblineError(code, `${label} does not work today`);
      }),
  });
});
beforeEach(() => {
  fault = () => null;
});
afterAll(() => stage.close());

const appliesOf = ({ name }: TestRepo, number: number) =>
  stage.service().world.ledger.runs.list({ pull: { repo: name, number }, kind: "apply" });
const evidenceOf = async (workspace: string) =>
  (await stage.service().world.ledger.audit.list({ subject: workspace }))
    .map(({ details }) => (details as { evidence?: { key: string } } | null)?.evidence?.key)
    .filter((key) => key !== undefined);
const proposed = async (name: string, more = "") => {
  const repo = await stage.repo(name, { "one/main.tf": root("a") }, { applied: ["one"] });
  return { repo, number: await repo.propose({ "one/main.tf": root("b", more) }) };
};
/** From the end of the engine's apply on, so many calls fail that `is` picks. */
const failing = (code: ErrorCode, times: number, is: (label: string) => boolean): (() => number) => {
  const from = calls.length;
  let failed = 0;
  fault = (label) => {
    const ended = calls.slice(from).some((one, at, all) => one === "engine.apply" && at < all.length - 1);
    if (!ended || failed === times || !is(label)) return null;
    failed += 1;
    return code;
  };
  return () => failed;
};

describe("after the engine has applied", () => {
  test.each([
    ["the database is away", "database-unavailable", (label: string) => label.startsWith("ledger.")],
    ["the artifact store is away", "store-unavailable", (label: string) => label === "artifacts.put"],
    ["the disk of the artifact store is full", "not-writable", (label: string) => label === "artifacts.put"],
  ] as const)("%s for a while: nothing is lost, nothing is applied twice", async (what, code, is) => {
    const { repo, number } = await proposed(`away-${code}`);
    const failed = failing(code, 3, is);
    await repo.merge(number);
    expect(failed(), what).toBe(3);
    expect(await appliesOf(repo, number)).toMatchObject([{ state: "succeeded", result: { verified: true } }]);
    expect(await repo.live("one")).toEqual({ "terraform_data.it": "b" });
    expect(await evidenceOf(repo.key("one"))).toHaveLength(1);
    expect(await stage.service().world.ledger.locks.of(repo.key("one"))).toEqual([]);
    expect(repo.status(number, "plumbline/apply: one")?.state).toBe("success");
  });

  test("whatever fails then, and be it an engine that is gone, is looked at and never taken for not applied", async () => {
    const { repo, number } = await proposed("gone");
    failing("engine-missing", 1, (label) => label === "forge.identity");
    await repo.merge(number);
    expect(await appliesOf(repo, number)).toMatchObject([{ state: "succeeded", result: { verified: true } }]);
    const audit = await stage.service().world.ledger.audit.list({ subject: repo.key("one") });
    expect(audit.map(({ action }) => action)).toContain("apply-reconciled");
    expect(await evidenceOf(repo.key("one"))).toHaveLength(1);
  });
});

describe("an engine that the system kills while it applies", () => {
  test("has failed: what is left is told, the lock stays, its own lock is shown, and nothing is tried again", async () => {
    const gate = await stage.gate();
    const slow = `resource "terraform_data" "slow" {\n  provisioner "local-exec" {\n    command = ${JSON.stringify(gate.command)}\n  }\n}\n`;
    const { repo, number } = await proposed("killed", slow);
    await stage.forge.as("dana").merge(repo.ref(number));
    await gate.reached;
    const { stdout } = await execa("ps", ["-A", "-o", "pid=,args="]);
    const started = (await appliesOf(repo, number))[0]?.id ?? "";
    // Other tests of this machine apply too.
    const [engine] = stdout
      .split("\n")
      .filter((line) => line.includes(" apply -input=false") && line.includes(started));
    expect(engine).toBeDefined();
    process.kill(Number.parseInt(engine ?? "", 10), "SIGKILL");
    gate.open();
    await stage.settled();
    const [run] = await appliesOf(repo, number);
    expect(run).toMatchObject({ state: "failed", error: { code: "engine-failed" } });
    expect(run?.error?.message).toContain("may exist without being recorded");
    const { ledger } = stage.service().world;
    expect(await ledger.leases.get(repo.key("one"))).toBeNull();
    expect((await ledger.locks.of(repo.key("one"))).map((lock) => lock.pull.number)).toEqual([number]);
    expect(repo.said(number).join("\n")).toContain("may exist without being recorded");
    expect(await evidenceOf(repo.key("one"))).toHaveLength(1);
    await repo.comment(number, "plumbline apply");
    expect(repo.said(number).join("\n")).toMatch(/ID: {8}[0-9a-f-]{36}[\s\S]*plumbline force-unlock ID/);
    expect(await repo.live("one")).not.toHaveProperty("terraform_data.slow");
  });
});
