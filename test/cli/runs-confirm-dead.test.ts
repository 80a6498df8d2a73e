import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openDatabase } from "../../src/adapters/database.ts";
import { openInstance } from "../../src/adapters/instance.ts";
import { createLedger } from "../../src/adapters/ledger.ts";
import { runCli } from "../../src/cli/run.ts";

const cli = async (...argv: readonly string[]): Promise<{ code: number; out: string; err: string }> => {
  const said = { out: "", err: "" };
  const code = await runCli(argv, {
    env: { USER: "olga" },
    cwd: tmpdir(),
    readStdin: async () => new Uint8Array(),
    out: (text) => {
      said.out += text;
    },
    err: (text) => {
      said.err += text;
    },
    colours: false,
    stopSignal: () => new AbortController().signal,
  });
  return { code, ...said };
};

test("a reason and a run in doubt are needed; the answer names the replica", async () => {
  const dir = await mkdtemp(join(tmpdir(), "plumbline-dead-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  await openInstance(dir, []);
  const database = await openDatabase({ url: null, dataDir: join(dir, "database") });
  const { runs, leases } = createLedger(database);
  const then = new Date(Date.now() - 60_000);
  const workspace = "acme/infra//one#default";
  const none = { pull: null, head: null, base: null, trigger: "merge", requestedBy: "dana" };
  await runs.create({ id: "run_1", workspace, kind: "apply", ...none, createdAt: then });
  const lease = await leases.acquire(workspace, "run_1", "replica-a", then, 30_000);
  const token = "token" in lease ? lease.token : 0;
  await runs.transition("run_1", { from: ["queued"], to: "running", token, at: then });
  await runs.transition("run_1", { from: ["running"], to: "apply-started", token, at: then });
  await database.close();

  const call = (...rest: readonly string[]) => cli("runs", "confirm-dead", ...rest, "--data", dir);
  expect(await call("run_1")).toMatchObject({ code: 64, err: expect.stringContaining("--reason") });
  expect(await call("run_2", "--reason", "gone")).toMatchObject({
    err: expect.stringContaining("no run run_2"),
  });
  const done = await call("run_1", "--reason", "the node was removed", "--json");
  expect(JSON.parse(done.out)).toEqual({ run: "run_1", replica: "replica-a", confirmedDead: true });
  expect(done.code).toBe(0);
  expect(await call("run_1", "--reason", "once more")).toMatchObject({
    code: 1,
    err: expect.stringContaining("looks itself at what was done"),
  });
});
