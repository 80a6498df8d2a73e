import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface BareOptions {
  /** Path of the engine. */
  readonly binary: string;
  /** Clone address, with credentials where it needs them. */
  readonly url: string;
  readonly branch: string;
  /** The workspaces' folders in the repository. */
  readonly dirs: readonly string[];
  readonly parallel: number;
  /** A folder that is not there yet; gone afterwards. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * What nobody can do without: `init`, `plan` and `show -json` of every workspace, each in a fresh clone, so many at
 * once. Returns milliseconds; the clones are made before the clock starts.
 */
export const timeBare = async (options: BareOptions): Promise<number> => {
  const clones = options.dirs.map((dir) => ({ dir, clone: join(options.folder, dir) }));
  const { branch, url, env, folder } = options;
  for (const { clone } of clones)
    await run("git", ["clone", "--quiet", "--depth=1", `--branch=${branch}`, url, clone], {
      env: gitEnv(env),
    });
  const waiting = clones.map(({ dir, clone }) => join(clone, dir));
  const started = performance.now();
  const takeNext = async (): Promise<void> => {
    for (let dir = waiting.shift(); dir !== undefined; dir = waiting.shift()) await planOne(options, dir);
  };
  await Promise.all(Array.from({ length: options.parallel }, takeNext));
  const ms = performance.now() - started;
  await rm(folder, { recursive: true, force: true });
  return ms;
};

const planOne = async ({ binary, env }: BareOptions, dir: string): Promise<void> => {
  const call = { cwd: dir, env: engineEnv(env), maxBuffer: 1 << 28 };
  await run(binary, ["init", "-input=false", "-no-color"], call);
  await run(binary, ["plan", "-input=false", "-no-color", "-lock=false", "-out=plan.tfplan"], call);
  await run(binary, ["show", "-json", "-no-color", "plan.tfplan"], call);
};

// Nobody's own settings, and no question to the makers whether there is something newer.
const engineEnv = ({ PATH, HOME, TMPDIR }: BareOptions["env"]) => ({
  PATH,
  HOME,
  TMPDIR,
  CHECKPOINT_DISABLE: "1",
  TF_IN_AUTOMATION: "1",
});

const gitEnv = ({ PATH, TMPDIR }: BareOptions["env"]) => ({
  PATH,
  TMPDIR,
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_TERMINAL_PROMPT: "0",
});
