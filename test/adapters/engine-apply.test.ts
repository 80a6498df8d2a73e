import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { runApply } from "../../src/adapters/engine-apply.ts";
import { localFiles } from "../../src/adapters/local-files.ts";
import { simpleRedactor } from "../contract/engine-bench.ts";

// Programs of one line stand for the engine: what is tested is what lies there when it has ended, and when we have.

const top = mkdtempSync(join(tmpdir(), "plumbline-apply-"));
afterAll(() => rmSync(top, { recursive: true, force: true }));

const WORKSPACE = "acme/infra//one#default";
let count = 0;
let files: ReturnType<typeof localFiles>;
let cwd: string;
let dataDir: string;
let planFile: string;
beforeEach(async () => {
  count += 1;
  const own = join(top, `${count}`);
  files = localFiles({ dataDir: own });
  cwd = join(own, "checkout");
  await mkdir(cwd, { recursive: true });
  dataDir = await files.dataDir(WORKSPACE);
  planFile = join((await files.scratch("run_1")).path, "plan.tfplan");
});

const apply = (program: string, binary = process.execPath) =>
  runApply(
    {
      binary,
      args: ["-e", program, planFile],
      cwd,
      env: { PATH: process.env["PATH"] ?? "" },
      redactor: simpleRedactor(),
      label: "engine apply",
      graceMs: 200,
    },
    { dataDir, planFile },
    undefined,
  );
const left = (run = "run_1") => files.leftByApply(WORKSPACE, run, cwd);
const SAVES = `require("fs").writeFileSync("errored.tfstate", "{}"); console.log("no!"); process.exitCode = 1`;

describe("what an apply leaves until it is forgotten", () => {
  test("a state that it could not save, and its output, are found by whoever comes later", async () => {
    expect(await apply(SAVES)).toMatchObject({ failed: true, erroredState: join(cwd, "errored.tfstate") });
    expect(await left()).toEqual({
      running: false,
      erroredState: join(cwd, "errored.tfstate"),
      output: "no!\n",
      isKnown: true,
    });
    expect(await left("run_2")).toEqual({ running: false, erroredState: null, output: null, isKnown: true });
    await files.forgetApply(WORKSPACE);
    expect(await left()).toEqual({ running: false, erroredState: null, output: null, isKnown: true });
    expect(await readdir(dataDir)).toEqual([]);
  });

  test("a file that lay there before, from a commit, is nobody's state", async () => {
    await writeFile(join(cwd, "errored.tfstate"), "committed");
    expect(await apply("")).toMatchObject({ failed: false, erroredState: null });
    expect(await left()).toMatchObject({ erroredState: null });
  });

  test("nothing where the engine was never there", async () => {
    await expect(apply("", join(cwd, "no-engine"))).rejects.toMatchObject({ code: "engine-missing" });
    expect(await readdir(dataDir)).toEqual([]);
  });
});

describe("a mark that cannot be read", () => {
  test.each(["", '{"pla', "[]", '{"plan":7}', "null"])(
    "%j: the state that the engine left is found all the same, and nothing is taken for said",
    async (text) => {
      await apply(SAVES);
      await writeFile(join(dataDir, "apply.json"), text);
      expect(await left()).toEqual({
        running: false,
        erroredState: join(cwd, "errored.tfstate"),
        output: null,
        isKnown: false,
      });
    },
  );

  test("an engine that still runs is seen", async () => {
    const ends = join(cwd, "ends");
    const running = apply(
      `setInterval(() => require("fs").existsSync(${JSON.stringify(ends)}) && process.exit(0), 20)`,
    );
    await expect.poll(async () => (await left()).running, { interval: 20 }).toBe(true);
    await writeFile(join(dataDir, "apply.json"), "{");
    expect((await left()).running).toBe(true);
    await writeFile(ends, "");
    await running;
    expect((await left()).running).toBe(false);
  });

  test("one of an earlier version, which names less, counts", async () => {
    await apply(SAVES);
    await writeFile(join(dataDir, "apply.json"), JSON.stringify({ plan: planFile, cwd }));
    expect(await left()).toMatchObject({ erroredState: join(cwd, "errored.tfstate"), output: "no!\n" });
  });
});

test("an engine that is killed is a failed apply, and what it had started ends with it", async () => {
  const child = `require("child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)", "child-of-" + process.argv[1]], { stdio: "ignore" })`;
  const result = await apply(`${child}; console.log("Creating..."); process.kill(process.pid, "SIGKILL")`);
  expect(result).toMatchObject({ failed: true, exitCode: null, aborted: false });
  expect(result.shortMessage).toBe("engine apply was killed: Creating...");
  const started = await commandLines();
  expect(started.filter((line) => line.includes(`child-of-${planFile}`))).toEqual([]);
  expect(existsSync(join(dataDir, "apply.json"))).toBe(true);
});

const commandLines = async (): Promise<readonly string[]> =>
  (await execa("ps", ["-A", "-o", "args="])).stdout.split("\n");
