import { escapingLink } from "../config/escaping-link.ts";
import type { WorkspaceConfig } from "../model/config.ts";
import { PlumblineError } from "../model/errors.ts";
import type { Engine, EngineCall, EngineResult } from "../ports/engine.ts";
import type { FileEntry, Worktree } from "../ports/git.ts";
import { commitHere } from "./commit-here.ts";
import type { Scratch } from "./frame.ts";
import { learnVariables } from "./learn-variables.ts";
import { lendCredentials } from "./lend-credentials.ts";
import { refusePointers } from "./lfs-pointers.ts";
import type { RunInput } from "./run-input.ts";
import type { World } from "./world.ts";

/** What is checked out, and what planned it. */
export interface CheckedOut {
  readonly tree: Worktree;
  readonly engine: { readonly version: { readonly distribution: string; readonly version: string } };
}

/** A checked-out, initialised workspace. */
export interface Prepared extends CheckedOut {
  readonly engine: Engine;
  /** With plan credentials; apply credentials exist only in `applyCall`. */
  readonly call: EngineCall;
  readonly applyCall: EngineCall;
  readonly varFiles: readonly string[];
  /** Content of the lock file that init used, committed or made. */
  readonly lockFile: string | null;
}

/** Checks out the commit at the workspace's stable path and initialises the engine there. */
export const prepare = async (world: World, scratch: Scratch, input: RunInput): Promise<Prepared> => {
  const { repo, key } = scratch.workspace;
  await scratch.step("checkout", async () => {
    await commitHere(world, repo, scratch.run, input.commit);
    await refuseTraps(world, repo, input);
    await learnVariables(world, repo, input.commit, input.config);
  });
  const tree = await world.git.checkout(repo, input.commit, key);
  try {
    return await initialise(world, scratch, input, tree);
  } catch (thrown) {
    await tree.release();
    throw thrown;
  }
};

/**
 * What a head may not bring, before any engine starts: links that lead out of the repository, engine data of its own,
 * large files in the place of code that this server does not fetch.
 * @throws `path-escapes`, `config-invalid`
 */
export const refuseTraps = async (
  world: Pick<World, "git" | "codeAt" | "server">,
  repo: string,
  input: Pick<RunInput, "commit" | "config">,
): Promise<void> => {
  const files = await world.git.listFiles(repo, input.commit);
  const { dir } = input.config;
  const through = files.find((file) => file.kind === "symlink" && isUnder(dir, file.path));
  if (through)
    throw new PlumblineError(
      "path-escapes",
      `The folder ${dir} lies behind the symbolic link ${through.path}.`,
    );
  await refuseEscapes(world, repo, input, files);
  await refusePointers(world, repo, input, files);
  const committed = files.find((file) => isEngineData(file, dir));
  if (!committed) return;
  throw new PlumblineError(
    "config-invalid",
    `${committed.path} is committed: providers and backends must not come from a pull request.`,
    {
      hint: "Remove the `.terraform` folder from Git and list it in .gitignore.",
    },
  );
};

/** A link out of the repository would let a pull request read this machine through the engine's diagnostics. */
const refuseEscapes = async (
  world: Pick<World, "codeAt">,
  repo: string,
  input: Pick<RunInput, "commit" | "config">,
  files: readonly FileEntry[],
): Promise<void> => {
  const links = files.filter((file) => file.kind === "symlink");
  if (links.length === 0) return;
  const { code } = await world.codeAt(repo, input.commit);
  const out = escapingLink(
    code,
    links.map(({ path }) => path),
    input.config,
  );
  if (out !== undefined)
    throw new PlumblineError("path-escapes", `The symbolic link ${out} leads out of the repository.`);
};

const isUnder = (dir: string, ancestor: string): boolean =>
  dir === ancestor || dir.startsWith(`${ancestor}/`);
const isEngineData = (file: FileEntry, dir: string): boolean =>
  file.path.startsWith(dir === "." ? ".terraform/" : `${dir}/.terraform/`);

const initialise = async (
  world: World,
  scratch: Scratch,
  input: RunInput,
  tree: Worktree,
): Promise<Prepared> => {
  const { config } = input;
  const dir = config.dir === "." ? tree.root : `${tree.root}/${config.dir}`;
  const engine = await world.engines.pick(config.engine);
  const base = {
    dir,
    tree: tree.root,
    dataDir: await world.files.dataDir(scratch.workspace.key),
    workspace: config.name,
    timeoutMs: world.server.engine.timeoutSeconds * 1000,
    onLine: (line: string) => scratch.log.line(line),
  };
  const call: EngineCall = {
    ...base,
    ...lendCredentials(world, scratch, "plan"),
    signal: scratch.signal,
  };
  await scratch.step("init", async () => mustWork("init", await engine.init(call)));
  const lockFile = await world.files.read(`${dir}/.terraform.lock.hcl`);
  return {
    tree,
    engine,
    call,
    applyCall: { ...base, ...lendCredentials(world, scratch, "apply") },
    varFiles: await varFilesOf(world, dir, config),
    lockFile: lockFile && new TextDecoder().decode(lockFile),
  };
};

/** The variable files that a workspace's engine is given, absolute, in their order. */
export const varFilesOf = async (
  world: Pick<World, "files">,
  dir: string,
  config: Pick<WorkspaceConfig, "name" | "varFiles">,
): Promise<readonly string[]> => [
  ...(await namedByWorkspace(world, dir, config.name)),
  ...config.varFiles.map((file) => `${dir}/${file}`),
];

/** As Atlantis does: `env/NAME.tfvars` counts for the engine workspace NAME where it is there. */
const namedByWorkspace = async (
  world: Pick<World, "files">,
  dir: string,
  name: string,
): Promise<readonly string[]> => {
  const file = `${dir}/env/${name}.tfvars`;
  return (await world.files.read(file)) === null ? [] : [file];
};

/** Turns an engine's failure into an error that carries its diagnostics, shortened from the top. */
export const mustWork = <T extends EngineResult>(what: string, result: T): T => {
  if (!result.failed) return result;
  if (result.timedOut) throw new PlumblineError("engine-timeout", `${what} took longer than its time limit.`);
  const text = result.diagnostics || result.shortMessage;
  throw new PlumblineError("engine-failed", `${what} failed.\n${lastPart(text)}`, lockedHint(text));
};

/** What to do about a lock of the engine's own that somebody left, where that is what it says. */
export const lockedHint = (text: string): { readonly hint?: string } =>
  text.includes("Error acquiring the state lock") ? { hint: LOCKED } : {};

const LOCKED =
  "The log shows the ID and the holder of the lock. Once that is gone for sure, comment `plumbline force-unlock ID -d DIR`.";

const SHOWN = 6_000;
const lastPart = (text: string): string =>
  text.length <= SHOWN
    ? text
    : `(the first ${text.length - SHOWN} characters are in the log)\n${text.slice(-SHOWN)}`;
