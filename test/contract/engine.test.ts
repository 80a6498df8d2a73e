import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { startStateServer } from "../../demo/state/server.ts";
import type { Engine, EngineCall } from "../../src/ports/engine.ts";
import { type Bench, createWorkshop, foundHere, mustWork, packed, type Workshop } from "./engine-bench.ts";

const BUCKET = 'resource "aws_s3_bucket" "one" {\n  bucket = "bucket-one"\n}\n';

const found = { terraform: await foundHere("terraform"), tofu: await foundHere("tofu") };

describe.each(["terraform", "tofu"] as const)("engine %s", (distribution) => {
  const binary = found[distribution]?.binary;
  // "not installed here" is the one reason to leave these out.
  const real = test.skipIf(!binary);
  let workshop: Workshop;
  beforeAll(async () => {
    workshop = await createWorkshop(binary ?? "");
  });
  afterAll(() => workshop.close());

  const applied = async (bench: Bench, call = bench.call): Promise<Engine> => {
    await mustWork(bench.engine.init(call));
    await mustWork(bench.engine.plan(call, { out: bench.path("first.plan"), lock: true }));
    await mustWork(bench.engine.apply(call, bench.path("first.plan")));
    return bench.engine;
  };

  real("plans, shows, applies, and then has nothing to do", async () => {
    const bench = await workshop.open();
    await bench.write("main.tf", BUCKET);
    const { engine, call } = bench;
    expect(engine.version.distribution).toBe(distribution);
    await mustWork(engine.init(call));
    const out = bench.path("a.plan");
    await mustWork(engine.plan(call, { out, lock: true }));
    expect((await stat(out)).mode & 0o777).toBe(0o600);
    expect(actions(await engine.show(call, out))).toEqual(["create"]);
    expect(await engine.stateVersion(call)).toBeNull();

    const lines: string[] = [];
    const result = await engine.apply({ ...call, onLine: (line) => lines.push(line) }, out);
    expect(result).toMatchObject({ failed: false, exitCode: 0, diagnostics: "", erroredState: null });
    expect(lines.join("\n")).toBe(result.log);
    expect(bench.cloud.requests()).toMatchObject([{ call: "create", id: "bucket-one" }]);
    expect(await engine.stateVersion(call)).toMatchObject({ serial: 1 });

    await mustWork(engine.plan(call, { out, lock: false }));
    expect(actions(await engine.show(call, out))).toEqual(["no-op"]);
    expect(existsSync(join(call.dir, ".terraform"))).toBe(false);
  });

  real("applies a plan whose variable file overrides the folder's own", async () => {
    const bench = await workshop.open();
    await bench.write("main.tf", BUCKET.replace('"bucket-one"', "var.name").concat('\nvariable "name" {}\n'));
    await bench.write("terraform.tfvars", 'name = "bucket-one"\n');
    await bench.write("prod.tfvars", 'name = "bucket-two"\n');
    const { engine, call } = bench;
    const varFiles = [`${call.dir}/prod.tfvars`];
    await mustWork(engine.init(call));
    await mustWork(engine.plan(call, { out: bench.path("a.plan"), lock: true, varFiles }));
    await mustWork(engine.apply(call, bench.path("a.plan"), { varFiles }));
    expect(Object.keys(bench.cloud.read().resources["aws_s3_bucket"] ?? {})).toEqual(["bucket-two"]);
  });

  real("sees what somebody changed in the console", async () => {
    const bench = await workshop.open();
    await bench.write("main.tf", BUCKET);
    const engine = await applied(bench);
    bench.cloud.set("aws_s3_bucket", "bucket-one", { acl: "public-read" });
    const out = bench.path("drift.plan");
    await mustWork(engine.plan(bench.call, { out, lock: false }));
    const { json } = await engine.show(bench.call, out);
    expect(JSON.parse(json).resource_drift[0].change.after.acl).toBe("public-read");
  });

  real("passes variables, var files and flags as they are", async () => {
    const bench = await workshop.open();
    const text = 'variable "name" {}\nresource "aws_s3_bucket" "one" {\n  bucket = var.name\n}\n';
    await bench.write("main.tf", `${text}resource "aws_s3_bucket" "two" {\n  bucket = "bucket-two"\n}\n`);
    await bench.write("it's $(odd).tfvars", 'name = "from-file"\n');
    await mustWork(bench.engine.init(bench.call));
    const out = bench.path("odd name $HOME.plan");
    await mustWork(
      bench.engine.plan(bench.call, {
        out,
        lock: true,
        varFiles: ["it's $(odd).tfvars"],
        extraArgs: ["-target=aws_s3_bucket.one"],
      }),
    );
    const { json } = await bench.engine.show(bench.call, out);
    expect(JSON.parse(json).resource_changes).toMatchObject([{ change: { after: { bucket: "from-file" } } }]);
  });

  real("a broken configuration is a result with the engine's own words", async () => {
    const bench = await workshop.open();
    await bench.write("main.tf", `${BUCKET}output "x" {\n  value = aws_s3_bucket.two.arn\n}\n`);
    await mustWork(bench.engine.init(bench.call));
    const out = bench.path("a.plan");
    const result = await bench.engine.plan(bench.call, { out, lock: true });
    expect(result).toMatchObject({ failed: true, exitCode: 1, aborted: false, timedOut: false });
    expect(result.diagnostics).toMatch(/^Error: Reference to undeclared resource/);
    expect(result.diagnostics).not.toContain("│");
    expect(result.shortMessage).toBe(
      `${distribution} plan failed with exit code 1: Error: Reference to undeclared resource`,
    );
    expect(existsSync(out)).toBe(false);
  });

  real("stops a plan that is told to, even one that hangs", async () => {
    const bench = await workshop.open();
    await bench.write("main.tf", BUCKET);
    const engine = await applied(bench);
    bench.cloud.edit((account) => {
      account.faults = { "*.read": { delayMs: 120_000 } };
    });
    const stop = new AbortController();
    const onLine = (line: string): void => void (line.includes("Refreshing") && stop.abort());
    const call = { ...bench.call, signal: stop.signal, onLine };
    const result = await engine.plan(call, { out: bench.path("b.plan"), lock: false });
    expect(result).toMatchObject({ failed: true, aborted: true, timedOut: false });
    expect(result.durationMs).toBeLessThan(120_000);
    const again = await engine.plan(call, { out: bench.path("c.plan"), lock: false });
    expect(again).toMatchObject({ failed: true, aborted: true, durationMs: 0 });
  });

  real("stops a plan that takes too long", async () => {
    const bench = await workshop.open();
    await bench.write("main.tf", BUCKET);
    const engine = await applied(bench);
    bench.cloud.edit((account) => {
      account.faults = { "*.read": { delayMs: 120_000 } };
    });
    const call = { ...bench.call, timeoutMs: 1_000 };
    const result = await engine.plan(call, { out: bench.path("b.plan"), lock: false });
    expect(result).toMatchObject({ failed: true, aborted: false, timedOut: true });
    expect(result.shortMessage).toContain("time limit");
  });

  /** Planned, in a cloud where whatever is created takes a while; `stop` ends once an apply has begun to create. */
  const creatingSlowly = async (code: string) => {
    const bench = await workshop.open();
    await bench.write("main.tf", code);
    bench.cloud.edit((account) => {
      account.faults = { "*.create": { delayMs: 1_500 } };
    });
    const { engine } = bench;
    await mustWork(engine.init(bench.call));
    await mustWork(engine.plan(bench.call, { out: bench.path("a.plan"), lock: true }));
    const stop = new AbortController();
    const onLine = (line: string): void => void (line.includes("Creating...") && stop.abort());
    return { bench, engine, stop, onLine };
  };

  real("lets an apply run to its end whatever is told", async () => {
    const { bench, engine, stop, onLine } = await creatingSlowly(BUCKET);
    const call: EngineCall = { ...bench.call, signal: stop.signal, timeoutMs: 100, onLine };
    const result = await engine.apply(call, bench.path("a.plan"));
    expect(stop.signal.aborted).toBe(true);
    expect(result).toMatchObject({ failed: false, aborted: false, timedOut: false });
    expect(bench.cloud.requests()).toHaveLength(1);
  });

  real("an apply outlives the process that started it", async () => {
    const bench = await workshop.open();
    await bench.write("main.tf", BUCKET);
    bench.cloud.edit((account) => {
      // Long enough to be killed within, however late this process reads the line.
      account.faults = { "*.create": { delayMs: 4_000 } };
    });
    await mustWork(bench.engine.init(bench.call));
    const planFile = bench.path("a.plan");
    await mustWork(bench.engine.plan(bench.call, { out: planFile, lock: true }));
    const program = join(import.meta.dirname, "engine-apply-program.ts");
    const started = execa(process.execPath, [program, binary ?? "", JSON.stringify(bench.call), planFile], {
      reject: false,
    });
    for await (const line of started) if (line.includes("Creating...")) started.kill("SIGKILL");
    expect(await started).toMatchObject({ signal: "SIGKILL" });
    const state = join(bench.call.dir, "terraform.tfstate");
    await vi.waitFor(async () => expect(await readFile(state, "utf8")).toContain("bucket-one"), 60_000);
    expect(bench.cloud.requests()).toHaveLength(1);
  });

  real("an interrupted apply ends gracefully: what ran is recorded, nothing new begins", async () => {
    const second =
      'resource "aws_s3_bucket" "two" {\n  bucket = "bucket-two"\n  depends_on = [aws_s3_bucket.one]\n}\n';
    const { bench, engine, stop, onLine } = await creatingSlowly(BUCKET + second);
    const result = await engine.apply({ ...bench.call, onLine }, bench.path("a.plan"), {
      interrupt: stop.signal,
    });
    expect(result).toMatchObject({ failed: true, aborted: true, erroredState: null });
    expect(bench.cloud.requests()).toMatchObject([{ call: "create", id: "bucket-one" }]);
    expect(await readFile(join(bench.call.dir, "terraform.tfstate"), "utf8")).toContain("bucket-one");
  });

  real("rescues a state that the backend refused, and pushes it later", async () => {
    const bench = await workshop.open();
    const states = await startStateServer(bench.path("states"));
    try {
      await bench.write("main.tf", httpBackend(states.url) + BUCKET);
      const { engine, call } = bench;
      await mustWork(engine.init(call));
      await mustWork(engine.plan(call, { out: bench.path("a.plan"), lock: true }));
      states.failWrites(1_000);
      const result = await engine.apply(call, bench.path("a.plan"));
      expect(result).toMatchObject({ failed: true, erroredState: join(call.dir, "errored.tfstate") });
      states.failWrites(0);
      expect(await engine.stateVersion(call)).toBeNull();
      await mustWork(engine.statePush(call, result.erroredState ?? ""));
      expect(await engine.stateVersion(call)).toMatchObject({ lineage: expect.any(String) });
      await mustWork(engine.plan(call, { out: bench.path("b.plan"), lock: true }));
      expect(actions(await engine.show(call, bench.path("b.plan")))).toEqual(["no-op"]);
      bench.cloud.edit((account) => {
        account.faults = { "*.delete": "AccessDenied: no" };
      });
      await mustWork(engine.plan(call, { out: bench.path("c.plan"), lock: true, destroy: true }));
      const refused = await engine.apply(call, bench.path("c.plan"));
      expect(refused).toMatchObject({ failed: true, erroredState: null }); // the old file is not this apply's
    } finally {
      await states.close();
    }
  });

  real("names the holder of a lock, and takes the lock away where told", async () => {
    const bench = await workshop.open();
    const states = await startStateServer(bench.path("states"));
    try {
      await bench.write("main.tf", httpBackend(states.url) + BUCKET);
      const { engine, call } = bench;
      await mustWork(engine.init(call));
      const lock = { ID: "0d0e1f3a-stale", Operation: "OperationTypeApply", Who: "anna@laptop" };
      await fetch(`${states.url}/state/one`, { method: "LOCK", body: JSON.stringify(lock) });
      const refused = await engine.plan(call, { out: bench.path("a.plan"), lock: true });
      expect(refused.diagnostics).toContain("0d0e1f3a-stale");
      await mustWork(engine.plan(call, { out: bench.path("a.plan"), lock: false }));
      await mustWork(engine.forceUnlock(call, "0d0e1f3a-stale"));
      await mustWork(engine.plan(call, { out: bench.path("a.plan"), lock: true }));
    } finally {
      await states.close();
    }
  });

  real("a state that cannot be read is an error, not an empty state", async () => {
    const bench = await workshop.open();
    const states = await startStateServer(bench.path("states"));
    await bench.write("main.tf", httpBackend(states.url) + BUCKET);
    await mustWork(bench.engine.init(bench.call));
    await states.close();
    await expect(bench.engine.stateVersion(bench.call)).rejects.toMatchObject({ code: "engine-failed" });
  });

  real("creates the workspace at its first init, and selects it afterwards", async () => {
    const bench = await workshop.open();
    await bench.write(
      "main.tf",
      BUCKET.replace('"bucket-one"', 'join("-", ["bucket", terraform.workspace])'),
    );
    const call = { ...bench.call, workspace: "staging" };
    await applied(bench, call);
    await mustWork(bench.engine.init({ ...call, dataDir: bench.path("other-data") }));
    expect(bench.cloud.requests()).toMatchObject([{ id: "bucket-staging" }]);
    expect(await bench.engine.stateVersion(call)).toMatchObject({ serial: 1 });
    const other = { ...bench.call, dataDir: bench.path("default-data") };
    await mustWork(bench.engine.init(other));
    expect(await bench.engine.stateVersion(other)).toBeNull();
  });

  real("lets programs see what they may see, and logs none of their secrets", async () => {
    const env = {
      ...process.env,
      GITHUB_TOKEN: "ghp_of-the-service",
      PLUMBLINE_SECRET: "plumbline-own",
      TF_LOG: "trace",
      TF_CLI_ARGS_plan: "-no-such-flag",
      TF_CLI_CONFIG_FILE: "/nowhere/terraformrc",
      HTTPS_PROXY: "http://127.0.0.1:1",
      LET_THROUGH: "yes",
    };
    const bench = await workshop.open({ env, passThrough: ["LET_THROUGH"] });
    await bench.write(
      "main.tf",
      'resource "terraform_data" "x" {\n  provisioner "local-exec" {\n    command = "env | tee seen"\n  }\n}\n',
    );
    const call = { ...bench.call, env: { ...bench.call.env, DB_PASSWORD: "hunter2-hunter2" } };
    const init = await bench.engine.init(call);
    expect(init.log).not.toMatch(/nowhere|TRACE/);
    const log = await applied(bench, call).then(() => readFile(join(call.dir, "seen"), "utf8"));
    expect(log).toContain("DB_PASSWORD=hunter2-hunter2");
    expect(log).toContain("LET_THROUGH=yes");
    expect(log).toContain("HTTPS_PROXY=http://127.0.0.1:1");
    expect(log).not.toMatch(/GITHUB_TOKEN|PLUMBLINE_|^TF_LOG|TF_CLI_ARGS|nowhere/m);

    await mustWork(bench.engine.plan(call, { out: bench.path("b.plan"), lock: true, destroy: true }));
    await mustWork(bench.engine.apply(call, bench.path("b.plan")));
    await mustWork(bench.engine.plan(call, { out: bench.path("c.plan"), lock: true }));
    const lines: string[] = [];
    const again = await bench.engine.apply(
      { ...call, onLine: (line) => lines.push(line) },
      bench.path("c.plan"),
    );
    expect(again.log).toContain("DB_PASSWORD=(redacted)");
    expect(`${again.log}${lines.join("")}`).not.toContain("hunter2");
  });

  real("many workspaces at once install a provider once, into a store that all share", async () => {
    const cacheDir = join(workshop.root, "shared-cache");
    const mirror = await packed(workshop.mirror, join(workshop.root, "packed"));
    const benches = await Promise.all(
      [1, 2, 3, 4].map(() => workshop.open({ cacheDir, mirror, direct: true })),
    );
    await Promise.all(
      benches.map(async (bench) => {
        await bench.write("main.tf", BUCKET);
        await mustWork(bench.engine.init(bench.call));
        await mustWork(bench.engine.plan(bench.call, { out: bench.path("a.plan"), lock: true }));
      }),
    );
    const host = distribution === "tofu" ? "registry.opentofu.org" : "registry.terraform.io";
    expect(await readdir(join(cacheDir, "providers/packages", host, "hashicorp"))).toEqual(["aws"]);
    const lockFiles = await Promise.all(
      benches.map(({ call }) => readFile(join(call.dir, ".terraform.lock.hcl"), "utf8")),
    );
    expect(new Set(lockFiles).size).toBe(1);

    // From now on the registry may be away.
    const offline = await workshop.open({
      cacheDir,
      mirror: null,
      env: { PATH: process.env["PATH"], HTTPS_PROXY: "http://127.0.0.1:1" },
    });
    await offline.write("main.tf", BUCKET);
    await offline.write(".terraform.lock.hcl", lockFiles[0] ?? "");
    const lines: string[] = [];
    const init = await offline.engine.init({ ...offline.call, onLine: (line) => lines.push(line) });
    expect(init.diagnostics).toBe("");
    expect(lines.join("\n")).toBe(init.log);
    const own = 'terraform {\n  required_providers {\n    kafka = { source = "mongey/kafka" }\n  }\n}\n';
    await offline.write("more.tf", own);
    expect(await offline.engine.init(offline.call)).toMatchObject({
      failed: true,
      diagnostics: expect.stringContaining("mongey/kafka"),
    });
  });

  real("a person's initialised folder is used as it is, without any registry", async () => {
    const first = await workshop.open();
    const own = { ...first.call, dataDir: join(first.call.dir, ".terraform") };
    const module = 'module "buckets" {\n  source = "../modules/buckets"\n}\n';
    await mkdir(first.path("modules/buckets"), { recursive: true });
    await writeFile(first.path("modules/buckets/main.tf"), BUCKET);
    await first.write("main.tf", `terraform {\n  backend "local" {}\n}\n${module}`);
    const backendConfig = [`path=${first.path("elsewhere.tfstate")}`];
    await mustWork(first.engine.init(own, { backendConfig }));
    const noRegistry = { PATH: process.env["PATH"], HOME: workshop.root, HTTPS_PROXY: "http://127.0.0.1:1" };
    const person = await workshop.open({
      mode: "user",
      mirror: null,
      env: noRegistry,
      cacheDir: join(workshop.root, "fresh-cache"),
    });
    await mustWork(person.engine.init(first.call));
    await mustWork(person.engine.plan(first.call, { out: first.path("a.plan"), lock: true }));
    await mustWork(person.engine.apply(first.call, first.path("a.plan")));
    expect(existsSync(first.path("elsewhere.tfstate"))).toBe(true);
  });

  real("a lock file may be kept as it is", async () => {
    const bench = await workshop.open();
    await bench.write("main.tf", BUCKET);
    const result = await bench.engine.init(bench.call, { lockfileReadonly: true });
    expect(result.failed).toBe(true);
    expect(result.diagnostics).toMatch(/^Error: /);
  });

  real("what a committed lock file does not name is not started by a service", async () => {
    const bench = await workshop.open();
    await bench.write("main.tf", BUCKET);
    await mustWork(bench.engine.init(bench.call));
    const [version] =
      /version *= *"[^"]+"/.exec(await readFile(join(bench.call.dir, LOCK_FILE), "utf8")) ?? [];
    const other = distribution === "tofu" ? "registry.terraform.io" : "registry.opentofu.org";
    const lock = (name: string): string => `provider "${other}/hashicorp/${name}" {\n  ${version}\n}\n`;
    await bench.write(LOCK_FILE, lock("random"));
    await expect(bench.engine.init(bench.call)).rejects.toMatchObject({
      code: "lock-file-incomplete",
      message: expect.stringContaining("hashicorp/aws"),
    });
    // Of the other one's registry: the same provider.
    await bench.write(LOCK_FILE, lock("aws"));
    await mustWork(bench.engine.init(bench.call));
  });

  real("a folder that is not there is an exception", async () => {
    const bench = await workshop.open();
    const call = { ...bench.call, dir: bench.path("nowhere") };
    await expect(bench.engine.plan(call, { out: bench.path("a"), lock: true })).rejects.toMatchObject({
      code: "engine-missing",
    });
  });
});

const LOCK_FILE = ".terraform.lock.hcl";

const httpBackend = (url: string): string =>
  [
    'terraform {\n  backend "http" {',
    ...["address", "lock_address", "unlock_address"].map((name) => `    ${name} = "${url}/state/one"`),
    "    retry_max = 0\n  }\n}\n",
  ].join("\n");

const actions = ({ json }: { readonly json: string }): readonly string[] =>
  (JSON.parse(json) as { resource_changes: { change: { actions: string[] } }[] }).resource_changes.flatMap(
    ({ change }) => change.actions,
  );
