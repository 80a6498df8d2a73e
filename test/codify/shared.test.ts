import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { secondOpinion } from "../../src/adapters/hcl-second-opinion.ts";
import { loadHcl } from "../../src/adapters/hcl-wasm.ts";
import { secretScanner } from "../../src/adapters/secret-scanner.ts";
import { findDrift } from "../../src/drift/find.ts";
import type { Plan } from "../../src/model/plan.ts";
import { readPlan } from "../../src/plan/read.ts";
import type { EngineCall } from "../../src/ports/engine.ts";
import { type Codified, type CodifyRequest, codifyWorkspace } from "../../src/run/codify.ts";
import type { SharingWorkspace } from "../../src/run/prove-elsewhere.ts";
import { type Bench, createWorkshop, foundHere, type Workshop } from "../contract/engine-bench.ts";
import { mustWork } from "./bench.ts";

const found = await foundHere("terraform");
let workshop: Workshop;
beforeAll(async () => {
  if (found) workshop = await createWorkshop(found.binary, { resident: true });
});
afterAll(() => workshop?.close());

interface Root {
  readonly dir: string;
  readonly name?: string;
  readonly varFiles?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Files that it reads besides its own folder. */
  readonly also?: readonly string[];
}

/** A repository whose roots are all applied; `codify` looks at the first and proves with the others. */
const repository = async (bench: Bench, files: Readonly<Record<string, string>>, roots: readonly Root[]) => {
  const { engine } = bench;
  const repoRoot = bench.call.dir;
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(repoRoot, path)), { recursive: true });
    await writeFile(join(repoRoot, path), text);
  }
  const callOf = ({ dir, name = "default", env = {} }: Root): EngineCall => ({
    ...bench.call,
    dir: join(repoRoot, dir),
    workspace: name,
    dataDir: bench.path(`data-${dir}-${name}`),
    env: { ...bench.call.env, ...env },
  });
  const varFilesOf = ({ dir, varFiles = [] }: Root) => varFiles.map((file) => join(repoRoot, dir, file));
  const plan = async (root: Root, out: string): Promise<Plan> => {
    const call = callOf(root);
    mustWork(await engine.init(call));
    mustWork(await engine.plan(call, { out, lock: false, varFiles: varFilesOf(root) }));
    return readPlan(mustWork(await engine.show(call, out)).json);
  };
  for (const root of roots) {
    const out = bench.path("apply.tfplan");
    await plan(root, out);
    mustWork(await engine.apply(callOf(root), out));
  }
  const codify = async (
    at: Root,
    others: readonly Root[],
    more: Pick<CodifyRequest, "othersUnknown" | "mostOthers"> = {},
  ): Promise<Codified> => {
    const planFile = bench.path("drift.tfplan");
    const original = await plan(at, planFile);
    await mkdir(bench.path("scratch"), { recursive: true });
    const codified = await codifyWorkspace({
      workspace: { engine, call: callOf(at), repoRoot, varFiles: varFilesOf(at), planFile },
      plan: original,
      findings: findDrift({ ...NOTHING_KNOWN, plan: original }).findings,
      parse: await loadHcl(),
      reads: secondOpinion(),
      scanner: secretScanner(),
      scratch: bench.path("scratch"),
      progress: () => undefined,
      ...more,
      others: others.map(
        (one): SharingWorkspace => ({
          label: `${one.dir}#${one.name ?? "default"}`,
          engine: async () => engine,
          call: callOf(one),
          varFiles: varFilesOf(one),
          reads: (path) =>
            path.startsWith("modules/") ||
            (path.startsWith(`${one.dir}/`) &&
              (path.endsWith(".tf") || varFilesOf(one).some((file) => file.endsWith(path)))),
        }),
      ),
    });
    for (const [path, text] of Object.entries(codified.files)) await writeFile(join(repoRoot, path), text);
    return codified;
  };
  const leftIn = async (root: Root): Promise<readonly string[]> =>
    (await plan(root, bench.path("left.tfplan"))).changes
      .filter(({ action }) => action !== "no-op" && action !== "read")
      .map(({ address, action }) => `${address}: ${action}`);
  const text = (path: string): Promise<string> => readFile(join(repoRoot, path), "utf8");
  return { codify, leftIn, text };
};

const NOTHING_KNOWN = {
  accepted: null,
  key: new Uint8Array(32),
  workspace: "w",
  inputTreeHash: "",
  lockFileHash: null,
  ignore: [],
  now: new Date(0),
};

const database = (
  identifier: string,
  instanceClass = '"db.t3.small"',
): string => `resource "aws_db_instance" "this" {
  identifier        = ${identifier}
  engine            = "postgres"
  instance_class    = ${instanceClass}
  allocated_storage = 20
}
`;
const caller = (name: string): string =>
  `module "db" {\n  source = "../modules/db"\n  name   = "${name}"\n}\n`;
const MODULES = {
  "modules/db/main.tf": `variable "name" {}\n\nmodule "inner" {\n  source = "../inner"\n  name   = var.name\n}\n`,
  "modules/inner/main.tf": `variable "name" {}\n\n${database("var.name")}`,
  "prod/main.tf": caller("prod"),
  "staging/main.tf": caller("staging"),
};
const PROD: Root = { dir: "prod" };
const STAGING: Root = { dir: "staging" };

describe.skipIf(!found)("workspaces that share what is edited", { timeout: 120_000 }, () => {
  test("a module over two hops: the edit spares the other root, whose plan stays empty", async () => {
    const bench = await workshop.open();
    const repo = await repository(bench, MODULES, [PROD, STAGING]);
    bench.cloud.set("aws_db_instance", "prod", { instance_class: "db.r6g.large" });
    const codified = await repo.codify(PROD, [STAGING]);
    const shown = JSON.stringify(codified, null, 1);
    expect(codified.result, shown).toBe("proven");
    expect(codified.shared, shown).toEqual([
      { workspace: "staging#default", result: "proven", reason: null, settled: [], conflicts: [] },
    ]);
    expect(await repo.leftIn(PROD)).toEqual([]);
    expect(await repo.leftIn(STAGING)).toEqual([]);
  });

  test("too many of them, or not known which: named, and never proven", async () => {
    const bench = await workshop.open();
    const repo = await repository(bench, MODULES, [PROD]);
    bench.cloud.set("aws_db_instance", "prod", { instance_class: "db.r6g.large" });
    const codified = await repo.codify(PROD, [STAGING], { mostOthers: 0, othersUnknown: "no list" });
    const shown = JSON.stringify(codified, null, 1);
    expect(codified.result, shown).toBe("partial");
    expect(codified.refused).toEqual([]);
    expect(
      codified.shared.map(({ workspace, result, reason }) => `${workspace} ${result} ${reason}`),
      shown,
    ).toEqual([
      expect.stringMatching(/^staging#default partial not proven there: only 0 /),
      "any other workspace partial not proven there: no list",
    ]);
    expect(codified.shared.some(({ unplanned }) => unplanned)).toBe(false);
    expect(await repo.leftIn(PROD)).toEqual([]);
  });

  test("both drifted alike: one edit says both, and says so", async () => {
    const bench = await workshop.open();
    const repo = await repository(bench, MODULES, [PROD, STAGING]);
    for (const name of ["prod", "staging"])
      bench.cloud.set("aws_db_instance", name, { instance_class: "db.r6g.large" });
    const codified = await repo.codify(PROD, [STAGING]);
    expect(codified.result).toBe("proven");
    expect(codified.shared[0]?.settled).toEqual([
      "module.db.module.inner.aws_db_instance.this.instance_class",
    ]);
    expect(await repo.text("modules/inner/main.tf")).toContain('instance_class    = "db.r6g.large"');
    expect(await repo.leftIn(STAGING)).toEqual([]);
  });

  test("one folder, two workspaces with files of their own: the change goes into the own file", async () => {
    const bench = await workshop.open();
    const one: Root = { dir: "app", name: "one", varFiles: ["one.tfvars"] };
    const two: Root = { dir: "app", name: "two", varFiles: ["two.tfvars"] };
    const files = {
      "app/main.tf": `variable "name" {}\nvariable "size" { default = 20 }\n${database("var.name").replace("= 20", "= var.size")}`,
      "app/one.tfvars": 'name = "one"\n',
      "app/two.tfvars": 'name = "two"\n',
    };
    const repo = await repository(bench, files, [one, two]);
    bench.cloud.set("aws_db_instance", "one", { instance_class: "db.r6g.large", allocated_storage: 40 });
    const codified = await repo.codify(one, [two]);
    const shown = JSON.stringify(codified, null, 1);
    expect(codified.result, shown).toBe("proven");
    expect(codified.shared.map(({ result }) => result)).toEqual(["proven"]);
    expect(await repo.text("app/one.tfvars")).toContain("db.r6g.large");
    expect(await repo.text("app/one.tfvars")).toMatch(/size\s*= 40/);
    expect(await repo.leftIn(one)).toEqual([]);
    expect(await repo.leftIn(two)).toEqual([]);
  });

  test("one folder without files of their own, drifted apart: refused, with both values and the workspace", async () => {
    const bench = await workshop.open();
    const [one, two]: readonly Root[] = [
      { dir: "app", name: "one" },
      { dir: "app", name: "two" },
    ];
    if (!one || !two) return;
    const repo = await repository(bench, { "app/main.tf": database("terraform.workspace") }, [one, two]);
    // Only the scanner's rules know it.
    const secret = ["lin", "_api_", "aB3dE5gH7jK9mN1pQ2rS".repeat(2)].join("");
    bench.cloud.set("aws_db_instance", "one", { instance_class: "db.r6g.large", tags: { Note: "ours" } });
    bench.cloud.set("aws_db_instance", "two", { instance_class: "db.m5.large", tags: { Note: secret } });
    const codified = await repo.codify(one, [two]);
    const shown = JSON.stringify(codified, null, 1);
    expect(codified.result, shown).toBe("refused");
    expect(codified.files).toEqual({});
    expect(shown).not.toContain(secret);
    expect(codified.refused[0]?.reason, shown).toContain("app#two");
    expect(codified.shared[0]?.conflicts, shown).toEqual([
      {
        address: "aws_db_instance.this",
        path: "instance_class",
        values: { here: '"db.r6g.large"', there: '"db.m5.large"' },
      },
      { address: "aws_db_instance.this", path: "tags", values: null },
      { address: "aws_db_instance.this", path: "tags_all", values: null },
    ]);
  });

  test("a plan that is not empty stays the same; a workspace that cannot be planned is named", async () => {
    const bench = await workshop.open();
    const broken: Root = { dir: "broken" };
    const files = { ...MODULES, "broken/main.tf": caller("broken") };
    const repo = await repository(bench, files, [PROD, STAGING]);
    bench.cloud.set("aws_db_instance", "prod", { allocated_storage: 50 });
    bench.cloud.set("aws_db_instance", "staging", { allocated_storage: 60 });
    const codified = await repo.codify(PROD, [
      STAGING,
      { ...broken, env: { DEMOCLOUD_ACCOUNT_FILE: "/nowhere/cloud.json" }, name: "missing" },
    ]);
    const shown = JSON.stringify(codified, null, 1);
    expect(codified.result, shown).toBe("partial");
    expect(codified.shared.map(({ workspace, result }) => `${workspace} ${result}`)).toEqual([
      "staging#default proven",
      "broken#missing partial",
    ]);
    expect(codified.shared[1]?.reason, shown).toContain("not proven there");
    expect(await repo.leftIn(STAGING)).toEqual(["module.db.module.inner.aws_db_instance.this: replace"]);
  });
});
