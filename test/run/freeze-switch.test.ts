import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { openDatabase } from "../../src/adapters/database.ts";
import { createLedger } from "../../src/adapters/ledger.ts";
import { localFiles } from "../../src/adapters/local-files.ts";
import type { Ledger } from "../../src/ports/ledger.ts";
import { freezeFile, freezeSwitches } from "../../src/run/freeze-switch.ts";
import type { World } from "../../src/run/world.ts";
import { silent } from "../contract/engine-bench.ts";

const SWITCH = { target: "*", by: "lee", reason: "incident", since: "2026-07-03T10:00:00.000Z" };

let dataDir: string;
let ledger: Ledger;
beforeEach(async () => {
  const dir = await mkdtemp(join(tmpdir(), "plumbline-freeze-"));
  const database = await openDatabase({ url: null, dataDir: null });
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
  expect(told.map(({ action }) => action)).toEqual(["frozen", "freeze-lifted"]);
});

test.each(["", "{ half", "{}", '[{"by":"lee"}]', '[{"target":"*","since":"never"}]'])(
  "a file that says %j counts as thrown",
  async (text) => {
    await writeFile(freezeFile(dataDir), text);
    expect(await read()).toBeNull();
  },
);
