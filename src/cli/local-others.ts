import type { Dirent } from "node:fs";
import { readdir, readFile, readlink, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { mayReadFile } from "../config/affected.ts";
import { type CodeTree, codeTree, isWanted } from "../config/code-tree.ts";
import { workspaceLabel } from "../config/dependencies.ts";
import { discoverRoots } from "../config/discovery.ts";
import { mergeRepoConfig } from "../config/merge.ts";
import { readRepoConfig } from "../config/repo-config.ts";
import { moduleReader } from "../hcl/module.ts";
import type { ParseHcl } from "../hcl/syntax.ts";
import type { RepoConfig, WorkspaceConfig } from "../model/config.ts";
import type { Engine } from "../ports/engine.ts";
import type { CodifyRequest } from "../run/codify.ts";
import type { SharingWorkspace } from "../run/prove-elsewhere.ts";
import { UNKNOWN } from "../run/sharing-workspaces.ts";

/** What a codify request says of other workspaces. */
export type LocalOthers = Required<Pick<CodifyRequest, "others" | "othersUnknown">>;

export interface AroundHere {
  /** Absolute; of the workspace that is codified, too. */
  readonly repoRoot: string;
  readonly dir: string;
  /** Its engine workspace. */
  readonly name: string;
  readonly engine: Engine;
  readonly parse: ParseHcl;
  readonly signal: AbortSignal;
}

/**
 * The other workspaces of the repository around a folder, as its `plumbline.yaml` or `atlantis.yaml` names them and
 * discovery finds them. They are planned with the settings of this terminal.
 */
export const localOthers = async (here: AroundHere): Promise<LocalOthers> => {
  const listed = await listFiles(here.repoRoot);
  if (listed === null) return { others: [], othersUnknown: TOO_MANY };
  const code = await codeIn(here, listed);
  const config = await configIn(here.repoRoot, listed.paths, code);
  if (config === null) return { others: [], othersUnknown: UNKNOWN };
  const own = relative(here.repoRoot, here.dir).split(sep).join("/") || ".";
  const others = config.workspaces.filter(
    ({ kind, dir, name }) => kind === "terraform" && !(dir === own && name === here.name),
  );
  return {
    others: await Promise.all(others.map((one) => sharing(here, code, one))),
    othersUnknown: null,
  };
};

const TOO_MANY = "there are too many files around this folder to find the workspaces that share its code";

interface Listed {
  readonly paths: readonly string[];
  readonly links: ReadonlyMap<string, string>;
}

const MOST_FILES = 50_000;
const OF_OTHER_TOOLS = new Set([".git", ".terraform", ".terragrunt-cache", "node_modules", ".venv"]);

/** Every file below the root; null where they are too many. */
const listFiles = async (root: string): Promise<Listed | null> => {
  const paths: string[] = [];
  const links = new Map<string, string>();
  const folders = [""];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(() => [] as Dirent[]);
    for (const entry of entries) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        if (!OF_OTHER_TOOLS.has(entry.name)) folders.push(path);
        continue;
      }
      paths.push(path);
      if (entry.isSymbolicLink()) links.set(path, await readlink(join(root, path)).catch(() => ""));
    }
    if (paths.length > MOST_FILES) return null;
  }
  return { paths: paths.toSorted(), links };
};

const codeIn = async ({ repoRoot, parse }: AroundHere, { paths, links }: Listed): Promise<CodeTree> => {
  const texts = new Map<string, string>();
  for (const path of paths.filter(isWanted)) texts.set(path, (await textOf(join(repoRoot, path))) ?? "");
  return codeTree({ paths, texts, links }, moduleReader(parse));
};

const configIn = async (
  root: string,
  paths: readonly string[],
  code: CodeTree,
): Promise<RepoConfig | null> => {
  const read = readRepoConfig({
    "plumbline.yaml": await textOf(join(root, "plumbline.yaml")),
    "atlantis.yaml": await textOf(join(root, "atlantis.yaml")),
  });
  return read.ok ? mergeRepoConfig(read.value, paths, discoverRoots(code)) : null;
};

const textOf = (path: string): Promise<string | null> => readFile(path, "utf8").catch(() => null);

const sharing = async (
  { repoRoot, engine, signal }: AroundHere,
  code: CodeTree,
  one: WorkspaceConfig,
): Promise<SharingWorkspace> => {
  const dir = join(repoRoot, one.dir);
  const byName = join(dir, "env", `${one.name}.tfvars`);
  const named = one.varFiles.map((file) => join(dir, file));
  return {
    label: workspaceLabel(one),
    engine: async () => engine,
    call: { dir, workspace: one.name, env: {}, signal },
    varFiles: (await stat(byName).catch(() => null)) ? [byName, ...named] : named,
    reads: mayReadFile(one, code),
  };
};
