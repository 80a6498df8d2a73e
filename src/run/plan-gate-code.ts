import { joinPath } from "../config/paths.ts";
import { traceModules } from "../config/trace.ts";
import { type Standing, standingOf } from "../gate/before-plan.ts";
import { migrationPrograms } from "../gate/migration-programs.ts";
import type { CodeFolder } from "../gate/surface-item.ts";
import { jsonBlocks } from "../hcl/json-blocks.ts";
import { isModuleFile } from "../hcl/module.ts";
import type { Git } from "../ports/git.ts";
import type { AffectedWorkspace } from "./affected.ts";
import type { CommitCode } from "./code-at.ts";
import type { World } from "./world.ts";

/** The code of a head and of the protected branch, as the plan gate compares them. */
export interface ReadCode {
  readonly changed: () => Promise<readonly string[]>;
  readonly head: (workspace: Pick<AffectedWorkspace, "config">) => Promise<readonly CodeFolder[]>;
  /** The same folders on the protected branch, or all that it has. */
  readonly standing: (dirs?: readonly string[]) => Promise<Standing>;
}

/** Everything is read at most once, and only when it is asked for. */
export const gateCode = (
  world: World,
  repo: string,
  commits: { readonly head: string; readonly standing: string },
): ReadCode => {
  let changed: Promise<readonly string[]> | undefined;
  let all: Promise<Standing> | undefined;
  const migrations = new Set<string>();
  const standing = async (dirs?: readonly string[]): Promise<Standing> => {
    const at = await world.codeAt(repo, commits.standing);
    const wanted = dirs?.map((dir) => at.code.real(dir) ?? dir) ?? at.code.folders;
    const folders = await foldersAt(
      world,
      repo,
      commits.standing,
      at,
      wanted.map((dir) => ({ dir, root: dir })),
    );
    const programs = await Promise.all(
      [...migrations].map((dir) => migrationFolder(world.git, repo, commits.standing, dir)),
    );
    return standingOf([...folders.filter(({ files }) => files.length > 0), ...programs]);
  };
  return {
    changed: () => {
      changed ??= world.git.changedFiles(repo, commits.standing, commits.head);
      return changed;
    },
    head: async ({ config }) => {
      if (config.database && config.database.tool !== "builtin") {
        migrations.add(config.dir);
        return [await migrationFolder(world.git, repo, commits.head, config.dir)];
      }
      const at = await world.codeAt(repo, commits.head);
      const { dirs } = traceModules(at.code, config.dir);
      const [root = config.dir] = dirs;
      const named = [...config.varFiles, `env/${config.name}.tfvars`].map((file) => joinPath(root, file));
      return foldersAt(
        world,
        repo,
        commits.head,
        at,
        dirs.map((dir) => ({ dir, root })),
        named,
      );
    },
    standing: async (dirs) => {
      if (dirs) return standing(dirs);
      all ??= standing();
      return all;
    },
  };
};

/** A folder of migrations that a tool of the team's runs; it holds no module. */
const migrationFolder = async (
  git: Pick<Git, "listFiles" | "readFiles">,
  repo: string,
  commit: string,
  dir: string,
): Promise<CodeFolder> => {
  const entries = await git.listFiles(repo, commit, dir === "." ? undefined : dir);
  const plain = entries.filter(({ kind }) => kind === "file" || kind === "executable");
  const bytes = await git.readFiles(
    repo,
    commit,
    plain.map(({ path }) => path),
  );
  const none = new Uint8Array();
  const sources = entries.map(({ path, kind }) => ({ path, kind, bytes: bytes.get(path) ?? none }));
  return { dir, root: dir, files: [], programs: migrationPrograms(sources) };
};

const foldersAt = async (
  world: Pick<World, "git" | "parseHcl">,
  repo: string,
  commit: string,
  { code }: CommitCode,
  wanted: readonly { readonly dir: string; readonly root: string }[],
  varFiles: readonly string[] = [],
): Promise<readonly CodeFolder[]> => {
  const real = (path: string): string => code.real(path) ?? path;
  const pathsIn = ({ dir, root }: { readonly dir: string; readonly root: string }): readonly string[] => {
    const own = code.names(dir).filter((name) => isModuleFile(name) || /\.tfvars(\.json)?$/.test(name));
    return [...own.map((name) => real(joinPath(dir, name))), ...(dir === root ? varFiles.map(real) : [])];
  };
  const paths = [...new Set(wanted.flatMap(pathsIn))];
  const contents = await world.git.readFiles(repo, commit, paths);
  const decoder = new TextDecoder();
  const files = new Map(
    [...contents].map(([path, bytes]) => {
      const text = decoder.decode(bytes);
      return [
        path,
        path.endsWith(".json") ? jsonBlocks(world.parseHcl, path, text) : world.parseHcl(path, text),
      ];
    }),
  );
  return wanted.map((folder) => ({
    ...folder,
    files: [...new Set(pathsIn(folder))].flatMap((path) => files.get(path) ?? []),
  }));
};
