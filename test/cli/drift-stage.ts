import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { buildMirror } from "../../demo/cloud/build.ts";
import { type Console, openAccount } from "../../demo/cloud/console.ts";
import { cli, type Ran } from "./world.ts";

const run = promisify(execFile);
export type Env = Record<string, string | undefined>;

/** One person's folder with an account of the demo cloud, and the engine that they use. */
export interface Stage {
  readonly dir: string;
  readonly cloud: Console;
  readonly env: Env;
  write(name: string, text: string): void;
  read(name: string): string;
  /** The engine by hand, in `dir` (or below it); data folder and lock file lie elsewhere afterwards. */
  engine(args: readonly string[], more?: { in?: string; env?: Env }): Promise<string>;
  apply(...args: string[]): Promise<void>;
  git(...args: string[]): Promise<string>;
  plumbline(argv: readonly string[], more?: { cwd?: string; env?: Env }): Promise<Ran>;
  /** `drift --json` on the folder, read. */
  drift(argv?: readonly string[], more?: { in?: string; env?: Env }): Promise<Told>;
}

export interface Told {
  readonly code: number;
  readonly workspace: string;
  readonly findings: readonly Found[];
  readonly summary: Readonly<Record<string, number | null>>;
  readonly error?: { readonly code: string; readonly message: string; readonly hint: string };
  /** `address path cause` of each, sorted. */
  readonly lines: readonly string[];
  readonly err: string;
}

export interface Found {
  readonly address: string;
  readonly path: string;
  readonly cause: string;
  readonly recorded: unknown;
  readonly actual: unknown;
  readonly desired: unknown;
  readonly sensitive: boolean;
}

/** All stages of a test file lie in one folder; `close` takes it away. */
export const createStages = async (binary: string, distribution: string) => {
  const root = mkdtempSync(join(tmpdir(), "plumbline-stage-"));
  const { cliConfig } = await buildMirror(join(tmpdir(), "plumbline-test-cloud"));
  const open = (files: Record<string, string> = {}): Stage => {
    const here = mkdtempSync(join(root, "s-"));
    const dir = join(here, "net work");
    mkdirSync(dir);
    const cloud = openAccount(join(here, "cloud.json"));
    const { PATH, HOME } = process.env;
    const env: Env = {
      PATH: `${dirname(process.execPath)}:${PATH}`,
      HOME,
      TF_CLI_CONFIG_FILE: cliConfig,
      DEMOCLOUD_ACCOUNT_FILE: cloud.file,
    };
    const stage = stageIn(dir, cloud, env, binary, distribution);
    for (const [name, text] of Object.entries(files)) stage.write(name, text);
    return stage;
  };
  return { open, root, close: () => rmSync(root, { recursive: true, force: true }) };
};

const stageIn = (dir: string, cloud: Console, env: Env, binary: string, distribution: string): Stage => {
  const engine: Stage["engine"] = async (args, more = {}) => {
    const cwd = join(dir, more.in ?? "");
    const outside = { TF_DATA_DIR: join(dirname(dir), "data") };
    try {
      const options = { cwd, env: { ...env, ...outside, ...more.env } };
      return (await run(binary, [...args], options)).stdout;
    } catch (failure) {
      const { stdout, stderr } = failure as { stdout: string; stderr: string };
      throw new Error(`${args.join(" ")}\n${stdout}\n${stderr}`);
    }
  };
  const plumbline: Stage["plumbline"] = (argv, more = {}) =>
    cli(argv, { cwd: more.cwd ?? dirname(dir), env: { ...env, ...more.env } });
  return {
    dir,
    cloud,
    env,
    engine,
    plumbline,
    write: (name, text) => {
      mkdirSync(dirname(join(dir, name)), { recursive: true });
      writeFileSync(join(dir, name), text);
    },
    read: (name) => readFileSync(join(dir, name), "utf8"),
    apply: async (...args) => {
      await engine(["init", "-input=false", "-no-color"]);
      await engine(["apply", "-auto-approve", "-input=false", "-no-color", ...args]);
      rmSync(join(dir, ".terraform.lock.hcl"), { force: true });
      rmSync(join(dir, "terraform.tfstate.backup"), { force: true });
    },
    git: async (...args) => {
      const person = ["-c", "user.name=p", "-c", "user.email=p@example.com", "-c", "commit.gpgsign=false"];
      return (await run("git", [...person, ...args], { cwd: dir })).stdout.trim();
    },
    drift: async (argv = [], more = {}) => {
      const ran = await plumbline(
        ["drift", join(dir, more.in ?? ""), "--engine", distribution, "--json", ...argv],
        more.env ? { env: more.env } : {},
      );
      const told = JSON.parse(ran.out) as Told;
      const lines = (told.findings ?? []).map(({ address, path, cause }) => `${address} ${path} ${cause}`);
      return { ...told, code: ran.code, err: ran.err, lines: lines.sort() };
    },
  };
};

/** Every name below a folder with its kind, mode, time of change and content. */
export const photograph = (folder: string): readonly string[] =>
  [".", ...readdirSync(folder, { recursive: true, encoding: "utf8" })].sort().map((name) => {
    const path = join(folder, name);
    const facts = lstatSync(path, { bigint: true });
    const content = facts.isFile()
      ? createHash("sha256").update(readFileSync(path)).digest("hex")
      : facts.isSymbolicLink()
        ? readlinkSync(path)
        : "folder";
    return `${name} ${facts.mode} ${facts.mtimeNs} ${content}`;
  });
