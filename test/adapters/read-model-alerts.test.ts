import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "../../src/adapters/database.ts";
import { createLedger } from "../../src/adapters/ledger.ts";
import { createReadModel } from "../../src/adapters/read-model.ts";
import type { Ledger } from "../../src/ports/ledger.ts";
import type { ReadModel } from "../../src/ports/read-model.ts";
import { openTestDatabase } from "../contract/test-database.ts";

const at = (minute: number): Date => new Date(Date.UTC(2026, 0, 1, 0, minute));
const KEY = "acme/infra//drifted#default";
const all = { visible: ["*"], limit: 100 };

let database: Database;
let ledger: Ledger;
let read: ReadModel;
beforeAll(async () => {
  database = await openTestDatabase();
  ledger = createLedger(database);
  read = createReadModel(database, { channels: ["chat"], now: () => at(40) });
  await place();
  for (const fingerprint of ["a", "b"]) {
    const finding = {
      fingerprint,
      address: `cloud_box.${fingerprint}`,
      path: "size",
      cause: "console" as const,
    };
    const values = { recorded: 1, actual: 2, desired: 1, sensitive: false };
    await ledger.findings.record(KEY, [{ ...finding, ...values }], at(10));
  }
});
afterAll(() => ledger?.close());

/** As the deploy branch says, its configuration naming nobody. */
const place = (): Promise<void> =>
  ledger.workspaces.upsert({
    ...{ key: KEY, repo: "acme/infra", dir: "drifted", name: "default", project: null, kind: "terraform" },
    refs: {
      desired: { repo: "acme/infra", dir: "drifted", branch: "main" },
      recorded: { type: "terraform-state", lineage: null, serial: null },
      actual: { type: "providers", sources: [] },
    },
    config: { owners: [] },
  });

test("owners are those that were read, everywhere: of workspaces, findings and numbers, with or without @", async () => {
  const numbers = async () => (await read.numbers({ visible: ["*"], from: at(0), now: at(40) })).owners;
  expect(await numbers()).toMatchObject([{ owner: null, found: 2 }]);
  await ledger.workspaces.own(KEY, ["dana", "@acme/code"]);
  expect((await ledger.workspaces.get(KEY))?.owners).toEqual(["dana", "@acme/code"]);
  for (const owner of ["acme/CODE", "@dana"]) {
    const [workspace, ...others] = (await read.workspaces({ ...all, owner })).items;
    expect([workspace?.dir, others]).toEqual(["drifted", []]);
    expect(workspace?.owners).toEqual(["dana", "@acme/code"]);
    expect((await read.findings({ ...all, owner })).items.map(({ owners }) => owners)).toEqual(
      Array.from({ length: 2 }, () => ["dana", "@acme/code"]),
    );
  }
  expect((await numbers()).map(({ owner }) => owner)).toEqual(["@acme/code", "dana"]);
  // As the configuration says, until its owners were read again.
  await place();
  expect((await read.workspace(KEY, at(40)))?.owners).toEqual([]);
});

test("what one message told of is found by its name; other channels' messages are other ones", async () => {
  const [open] = (await read.findings({ ...all, search: "box.a" })).items;
  const alert = {
    ...{ id: "a:1", fingerprint: "a", workspace: KEY, owners: [], title: "t", text: "t" },
    ...{ severity: "error" as const, url: null, who: null, endedAt: null, ending: null },
  };
  await ledger.alerts.put({ ...alert, openedAt: open?.openedAt ?? at(0) });
  await ledger.alerts.putThread({
    ...{ channel: "chat", key: "storm:x:y", kind: "storm", alerts: ["a:1", "gone:1"], ref: null, seal: "" },
    ...{ severity: "error", isAcked: false, reminders: 0, openedAt: at(12), toldAt: at(12), endedAt: null },
  });
  const told = async (name: string) =>
    (await read.findings({ ...all, told: name })).items.map(({ address }) => address);
  expect(await told("chat:storm:x:y")).toEqual(["cloud_box.a"]);
  for (const other of ["mail:storm:x:y", "chat:storm:x", "chat", ""]) expect(await told(other)).toEqual([]);
});

test("channels that are configured no more are no number", async () => {
  for (const name of ["chat", "renamed"])
    await ledger.alerts.channelFailed(name, { error: "no", refused: false }, at(39));
  const wish = { visible: ["*"], from: at(0), now: at(40) };
  expect((await read.numbers(wish)).channels).toEqual([{ name: "chat", failingSeconds: 60 }]);
  // Where nobody knows which are.
  expect((await createReadModel(database).numbers(wish)).channels).toHaveLength(2);
});
