import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { PlumblineError } from "../model/errors.ts";
import { workspaceKey } from "../model/workspace.ts";

export interface LocalWorkspace {
  /** Absolute. */
  readonly dir: string;
  /** Engine workspace: TF_WORKSPACE, else the one selected in the folder, else `default`. */
  readonly name: string;
  /** `local//<folder>#<name>`. */
  readonly key: string;
}

/**
 * The folder that a command was given, as a workspace; `selected` is TF_WORKSPACE and `dataDir` TF_DATA_DIR.
 * @throws `config-invalid` where it is no root module.
 */
export const localWorkspace = async (
  given: string,
  selected: string | undefined,
  dataDir: string | undefined,
): Promise<LocalWorkspace> => {
  const dir = resolve(given);
  const there = await stat(dir).catch(() => null);
  if (!there?.isDirectory()) throw notARoot(`There is no folder ${given}.`);
  const files = await readdir(dir);
  if (!files.some((file) => /\.(tf|tofu)(\.json)?$/.test(file)))
    throw notARoot(`The folder ${given} holds no Terraform or OpenTofu files.`);
  const name = selected || (await selectedIn(resolve(dir, dataDir || ".terraform"))) || "default";
  return { dir, name, key: workspaceKey({ repo: "local", dir: basename(dir) || ".", name }) };
};

const notARoot = (message: string): PlumblineError =>
  new PlumblineError("config-invalid", message, {
    hint: "Give the folder of a root module, such as `plumbline drift network`.",
  });

const selectedIn = async (dataDir: string): Promise<string> =>
  (await readFile(join(dataDir, "environment"), "utf8").catch(() => "")).trim();
