import { expect, test } from "vitest";
import { loadHcl } from "../../src/adapters/hcl-wasm.ts";
import { holdsBeforePlan } from "../../src/gate/before-plan.ts";
import { PLAN_GATE } from "../../src/model/plan-gate.ts";
import type { AffectedWorkspace } from "../../src/run/affected.ts";
import { gateCode } from "../../src/run/plan-gate-code.ts";
import type { World } from "../../src/run/world.ts";

const COMMITS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  head: { "db/V1__a.sql": "select 1;", "db/V2__b.sh": "env", "db/old.jar": "" },
  main: { "db/V1__a.sql": "select 1;", "db/old.jar": "" },
};

/** Git as a map, for what the gate asks of it. */
const world = {
  parseHcl: await loadHcl(),
  git: {
    changedFiles: async () => ["db/V2__b.sh"],
    listFiles: async (_: string, commit: string) =>
      Object.keys(COMMITS[commit] ?? {}).map((path) => ({ path, kind: "file" as const })),
    readFiles: async (_: string, commit: string) =>
      new Map(Object.entries(COMMITS[commit] ?? {}).map(([path, text]) => [path, Buffer.from(text)])),
  },
  codeAt: async () => ({ code: { folders: [], names: () => [], real: (path: string) => path }, paths: [] }),
} as unknown as World;

const holds = async (tool: string) => {
  const read = gateCode(world, "acme/db", { head: "head", standing: "main" });
  const config = { dir: "db", name: "orders", varFiles: [], database: { tool } };
  const folders = await read.head({ config } as unknown as AffectedWorkspace);
  const input = { folders, changed: await read.changed(), policy: PLAN_GATE };
  return holdsBeforePlan({ ...input, standing: await read.standing(["db"]) });
};

test("what a head adds for the team's own tool to run is held, what stands there is not", async () => {
  expect((await holds("flyway")).map(({ path }) => path)).toEqual(["db/V2__b.sh"]);
  expect((await holds("liquibase")).map(({ check }) => check)).toEqual(["programs"]);
});
