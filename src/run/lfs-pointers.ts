import { filesOfCode } from "../config/escaping-link.ts";
import { baseName, isUnder, parentOf } from "../config/paths.ts";
import { isModuleFile } from "../hcl/module.ts";
import { PlumblineError } from "../model/errors.ts";
import type { FileEntry } from "../ports/git.ts";
import type { RunInput } from "./run-input.ts";
import type { World } from "./world.ts";

type Asked = Pick<RunInput, "commit" | "config">;

/**
 * Where large files are not fetched, three lines that stand for one would be planned and applied in its place: as code, as
 * variables, or as what code reads by name. @throws `config-invalid`
 */
export const refusePointers = async (
  { git, codeAt, server }: Pick<World, "git" | "codeAt" | "server">,
  repo: string,
  { commit, config }: Asked,
  files: readonly FileEntry[],
): Promise<void> => {
  if (server.git.lfs || !(await usesLfs(git, repo, commit, files))) return;
  const { code } = await codeAt(repo, commit);
  const { dirs, named } = filesOfCode(code, config);
  const isNeeded = ({ path }: FileEntry): boolean =>
    named.some((one) => isUnder(path, one)) ||
    (dirs.includes(parentOf(path)) && (isModuleFile(path) || /\.tfvars(\.json)?$/.test(path))) ||
    (config.database !== undefined && /\.sql$/i.test(path) && isUnder(path, config.dir));
  const needed = files.filter(isNeeded).map(({ path }) => path);
  const contents = await git.readFiles(repo, commit, needed);
  const pointer = needed.find((path) => isPointer(contents.get(path)));
  if (pointer === undefined) return;
  throw new PlumblineError("config-invalid", `${pointer} is held by Git LFS, which is not fetched here.`, {
    hint: "Keep it in Git itself, or have the operator install git-lfs and set git.lfs.",
  });
};

const usesLfs = async (
  git: Pick<World["git"], "readFiles">,
  repo: string,
  commit: string,
  files: readonly FileEntry[],
): Promise<boolean> => {
  const attributes = files.map(({ path }) => path).filter((path) => baseName(path) === ".gitattributes");
  if (attributes.length === 0) return false;
  const contents = await git.readFiles(repo, commit, attributes);
  return [...contents.values()].some((bytes) => /filter=lfs\b/.test(new TextDecoder().decode(bytes)));
};

const isPointer = (bytes: Uint8Array | undefined): boolean =>
  bytes !== undefined &&
  new TextDecoder().decode(bytes.subarray(0, 40)).startsWith("version https://git-lfs");
