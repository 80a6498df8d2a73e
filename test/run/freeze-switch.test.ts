import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { createLedger } from "../../src/adapters/ledger.ts";
import { localFiles } from "../../src/adapters/local-files.ts";
import type { Ledger } from "../../src/ports/ledger.ts";
import {
  freezeFile,
  freezeJournal,
  freezeSwitches,
  journalLine,
  keepFreezeFiles,
  keepSwitch,
  workspacesFile,
} from "../../src/run/freeze-switch.ts";
import type { World } from "../../src/run/world.ts";
import { silent } from "../contract/engine-bench.ts";
import { openTestDatabase } from "../contract/test-database.ts";

const SWITCH = { target: "*", by: "lee", reason: "incident", since: "2026-07-03T10:00:00.000Z" };

let dataDir: string;
let ledger: Ledger;
beforeEach(async () => {
  const dir = await mkdtemp(join(tmpdir(), "plumbline-freeze-"));
  const database = await openTestDatabase();
  onTestFinished(async () => {
    await database.close();
    await rm(dir, { recursive: true, force: true });
  });
  [dataDir, ledger] = [dir, createLedger(database)];
});
const read = () =>
  freezeSwitches({
    ledger,
    files: localFiles({ dataDir }),
    server: { dataDir } as World["server"],
    log: silent,
    clock: { now: () => new Date(0), wait: async () => {} },
  });

test("switches of the file and of the ledger stand together, and enter the audit once", async () => {
  expect(await read()).toEqual([]);
  await writeFile(freezeFile(dataDir), JSON.stringify([SWITCH]));
  await ledger.meta.set("freeze", [{ ...SWITCH, target: "acme/infra//prod#default", by: "sam" }]);
  expect((await read())?.map(({ target, by }) => [target, by])).toEqual([
    ["*", "lee"],
    ["acme/infra//prod#default", "sam"],
  ]);
  await read();
  await rm(freezeFile(dataDir));
  await ledger.meta.set("freeze", []);
  expect(await read()).toEqual([]);
  const told = await ledger.audit.list({ subject: "freeze" });
  expect(told.map(({ action, actor }) => [action, actor])).toEqual([
    ["frozen", "lee"],
    ["frozen", "sam"],
    ["freeze-lifted", "plumbline"],
    ["freeze-lifted", "plumbline"],
  ]);
});

test("what is thrown and lifted between two looks is in the audit too, with who did it", async () => {
  const one = { ...SWITCH, since: new Date(SWITCH.since) };
  await writeFile(
    freezeJournal(dataDir),
    journalLine("frozen", one) +
      journalLine("freeze-lifted", { ...one, by: "sam" }) +
      '{"action":"frozen","tar',
  );
  const told = async () =>
    (await ledger.audit.list({ subject: "freeze" })).map(({ action, actor }) => [action, actor]);
  await read();
  await read();
  expect(await told()).toEqual([
    ["frozen", "lee"],
    ["freeze-lifted", "sam"],
  ]);
  // Another journal, such as after a restore, begins anew.
  await writeFile(freezeJournal(dataDir), journalLine("frozen", one));
  await writeFile(freezeFile(dataDir), JSON.stringify([SWITCH]));
  await read();
  expect(await told()).toHaveLength(3);
});

test("a switch in the ledger is noted when it is thrown, and when it is lifted", async () => {
  const at = new Date(SWITCH.since);
  const one = { ...SWITCH, since: at };
  expect(await keepSwitch(ledger, "*", one, { by: "lee", at })).toEqual([one]);
  await read();
  expect(await keepSwitch(ledger, "*", null, { by: "sam", at })).toEqual([]);
  expect(await keepSwitch(ledger, "*", null, { by: "sam", at })).toEqual([]);
  await read();
  const told = await ledger.audit.list({ subject: "freeze" });
  expect(told.map(({ action, actor }) => [action, actor])).toEqual([
    ["frozen", "lee"],
    ["freeze-lifted", "sam"],
  ]);
});

test("the keys of all workspaces are written down for the command line", async () => {
  const world = {
    ...{
      ledger,
      files: localFiles({ dataDir }),
      log: silent,
      clock: { now: () => new Date(0), wait: async () => {} },
    },
    server: { dataDir, databaseUrl: null } as World["server"],
  };
  await keepFreezeFiles(world);
  expect(await readFile(workspacesFile(dataDir), "utf8")).toBe("[]");
});

test.each(["", "{ half", "{}", '[{"by":"lee"}]', '[{"target":"*","since":"never"}]'])(
  "a file that says %j counts as thrown",
  async (text) => {
    await writeFile(freezeFile(dataDir), text);
    expect(await read()).toBeNull();
  },
);
