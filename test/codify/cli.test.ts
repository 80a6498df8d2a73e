import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildMirror } from "../../demo/cloud/build.ts";
import { type Console, openAccount } from "../../demo/cloud/console.ts";
import { createEngines } from "../../src/adapters/engines.ts";
import { runCli } from "../../src/cli/run.ts";
import { foundHere, silent, simpleRedactor } from "../contract/engine-bench.ts";

const found = await foundHere("terraform");
const real = test.skipIf(!found);

const CODE = `# Orders
resource "aws_db_instance" "orders" {
  identifier        = "orders"
  engine            = "postgres"
  instance_class    = "db.t3.small" # cheap
  allocated_storage = 20
  tags = {
    Team = "data"
  }
}
`;

let folder: string;
let dir: string;
let cloud: Console;
let env: Record<string, string | undefined>;

beforeAll(async () => {
  if (!found) return;
  folder = await mkdtemp(join(tmpdir(), "plumbline-codify-"));
  dir = await mkdtemp(join(folder, "infra-"));
  const { cliConfig } = await buildMirror(join(tmpdir(), "plumbline-test-cloud"));
  cloud = openAccount(join(folder, "cloud.json"));
  env = {
    PATH: process.env["PATH"],
    HOME: folder,
    TF_CLI_CONFIG_FILE: cliConfig,
    DEMOCLOUD_ACCOUNT_FILE: cloud.file,
    PLUMBLINE_ENGINE: found.binary,
  };
  await writeFile(join(dir, "main.tf"), CODE);
  await apply(dir);
}, 120_000);
afterAll(async () => {
  if (folder) await rm(folder, { recursive: true, force: true });
});

const apply = async (root: string): Promise<void> => {
  const engines = createEngines({
    mode: "user",
    env,
    redactor: simpleRedactor(),
    log: silent,
    path: found?.binary ?? null,
  });
  const engine = await engines.pick({});
  const call = { dir: root, dataDir: await mkdtemp(join(folder, "data-")), workspace: "default", env: {} };
  const plan = join(folder, "plan");
  for (const step of [
    () => engine.init(call),
    () => engine.plan(call, { out: plan, lock: true }),
    () => engine.apply(call, plan),
  ]) {
    const { failed, diagnostics } = await step();
    if (failed) throw new Error(diagnostics);
  }
};

const run = (...words: readonly string[]) => runIn(dir, ...words);
const runIn = async (root: string, ...words: readonly string[]): Promise<{ code: number; out: string }> => {
  let out = "";
  const code = await runCli(["codify", root, ...words], {
    env,
    cwd: folder,
    readStdin: async () => new Uint8Array(),
    out: (text) => {
      out += text;
    },
    err: () => undefined,
    colours: false,
    stopSignal: () => new AbortController().signal,
  });
  return { code, out };
};

real(
  "no drift, then a diff that changes nothing, then the edit, then no drift",
  { timeout: 240_000 },
  async () => {
    const clean = await run("--json");
    expect([clean.code, JSON.parse(clean.out)]).toMatchObject([
      0,
      { result: "clean", edits: [], refused: [], diff: "" },
    ]);

    cloud.set("aws_db_instance", "orders", { instance_class: "db.r6g.large" });
    const before = await readdir(dir);
    const shown = await run("--json");
    const told = JSON.parse(shown.out) as { diff: string };
    expect([shown.code, told]).toMatchObject([
      0,
      {
        result: "proven",
        edits: [{ file: "main.tf", address: "aws_db_instance.orders", path: "instance_class" }],
        refused: [],
      },
    ]);
    expect(told.diff).toContain(
      '-  instance_class    = "db.t3.small" # cheap\n+  instance_class    = "db.r6g.large" # cheap\n',
    );
    expect(await readFile(join(dir, "main.tf"), "utf8")).toBe(CODE);
    expect(await readdir(dir)).toEqual(before);

    const written = await run("--write");
    expect(written.code).toBe(0);
    expect(written.out).toContain("Proven");
    expect(await readFile(join(dir, "main.tf"), "utf8")).toBe(CODE.replace("db.t3.small", "db.r6g.large"));
  },
);

real("a secret is refused by its path, never shown: exit 2", { timeout: 120_000 }, async () => {
  const secret = ["AK", "IAIOSFODNN7EXAMPLE"].join("");
  // Only the scanner's rules know these.
  const scanned = ["lin", "_api_", "aB3dE5gH7jK9mN1pQ2rS".repeat(2)].join("");
  cloud.set("aws_db_instance", "orders", { tags: { Team: "data", Key: secret, Tracker: scanned } });
  const { code, out } = await run("--json");
  expect(code).toBe(2);
  expect(JSON.parse(out)).toMatchObject({
    refused: [
      { address: "aws_db_instance.orders", path: "tags.Key" },
      { address: "aws_db_instance.orders", path: "tags.Tracker" },
    ],
  });
  for (const one of [secret, scanned]) expect(out).not.toContain(one);
});

real(
  "--import says what it would write, and writes it when told; what is none is said",
  { timeout: 240_000 },
  async () => {
    cloud.set("aws_s3_bucket", "by-hand", { bucket: "by-hand" });
    const before = await readFile(join(dir, "main.tf"), "utf8");
    const wish = ["--import", "aws_s3_bucket.by_hand=by-hand"];
    const shown = await run(...wish, "--json");
    expect([shown.code, JSON.parse(shown.out)]).toMatchObject([
      0,
      {
        result: "proven",
        edits: [{ file: "main.tf", address: "aws_s3_bucket.by_hand", path: "" }],
        refused: [],
      },
    ]);
    expect(await readFile(join(dir, "main.tf"), "utf8")).toBe(before);
    expect((await run(...wish, "--write")).out).toContain('+resource "aws_s3_bucket" "by_hand" {');
    expect(await readFile(join(dir, "main.tf"), "utf8")).toBe(
      `${before}\nimport {\n  to = aws_s3_bucket.by_hand\n  id = "by-hand"\n}\n\nresource "aws_s3_bucket" "by_hand" {\n  bucket = "by-hand"\n}\n`,
    );
    expect((await run("--import", "by-hand")).code).toBe(64);
    expect((await run(...wish)).code).toBe(1);
  },
);

real(
  "workspaces around it that read an edited file are proven too, or said not to be",
  { timeout: 300_000 },
  async () => {
    const repo = await mkdtemp(join(folder, "repo-"));
    const put = async (path: string, text: string): Promise<void> => {
      await mkdir(dirname(join(repo, path)), { recursive: true });
      await writeFile(join(repo, path), text);
    };
    const caller = (name: string): string =>
      `module "db" {\n  source = "../modules/db"\n  name   = "${name}"\n}\n`;
    await mkdir(join(repo, ".git"));
    await put(
      "modules/db/main.tf",
      `variable "name" {}\n\n${CODE.replace('"orders"\n  engine', "var.name\n  engine")}`,
    );
    await put("prod/main.tf", caller("cli-prod"));
    await put("staging/main.tf", caller("cli-staging"));
    await apply(join(repo, "prod"));
    await apply(join(repo, "staging"));
    cloud.set("aws_db_instance", "cli-prod", { instance_class: "db.r6g.large" });
    const proven = await runIn(join(repo, "prod"), "--json");
    expect([proven.code, JSON.parse(proven.out)], proven.out).toMatchObject([
      0,
      { result: "proven", refused: [], shared: [{ workspace: "staging#default", result: "proven" }] },
    ]);

    await put("plumbline.yaml", "version: [\n");
    const unknown = await runIn(join(repo, "prod"));
    expect(unknown.code).toBe(2);
    expect(unknown.out).toMatch(/Partial.*any other workspace: not proven there: .*configuration/s);

    await put("plumbline.yaml", "version: 1\nworkspaces:\n  - dir: prod\n  - dir: prod\n    name: other\n");
    cloud.set("aws_s3_bucket", "cli-hand", { bucket: "cli-hand" });
    const taken = await runIn(join(repo, "prod"), "--import", "aws_s3_bucket.hand=cli-hand", "--json");
    expect([taken.code, JSON.parse(taken.out)], taken.out).toMatchObject([
      2,
      { result: "partial", refused: [], shared: [{ result: "partial", unplanned: true }] },
    ]);
  },
);
