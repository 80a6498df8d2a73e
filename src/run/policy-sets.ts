import { PlumblineError } from "../model/errors.ts";
import type { PolicyBundle, PolicyFile, PolicySet } from "../model/policy.ts";
import { judgesRepo } from "../policy/verdict.ts";
import type { World } from "./world.ts";

/** The policy sets that judge a repository. */
export const setsFor = (world: Pick<World, "server">, repo: string): readonly PolicySet[] =>
  (world.server.policies?.sets ?? []).filter((set) => judgesRepo(set, repo));

/**
 * A set's files as they count now. Those of the workspace's own repository are read from its protected branch at
 * `commit`, so that no pull request loosens what it is judged by.
 */
export const bundleOf = async (
  world: Pick<World, "git" | "forge" | "policies">,
  set: PolicySet,
  own: { readonly repo: string; readonly commit: string },
): Promise<PolicyBundle> => {
  const { source } = set;
  if (source.kind === "server") {
    if (!world.policies) throw new PlumblineError("policy-engine-missing", "Policies are not set up here.");
    return { files: await world.policies.readFolder(source.path) };
  }
  if (source.kind === "workspace")
    return { files: await filesAt(world, own.repo, own.commit, source.folder) };
  await world.git.fetch(source.repo);
  const ref = source.ref ?? (await world.forge.defaultBranch(source.repo));
  const commit = await world.git.resolve(source.repo, ref);
  if (commit === null)
    throw new PlumblineError("policy-invalid", `The policy repository ${source.repo} has no ${ref}.`);
  return { files: await filesAt(world, source.repo, commit, source.folder) };
};

const WANTED = /\.rego$|(^|\/)data\.(json|ya?ml)$/;

/** Whether a path is a policy, its test or its data. */
export const isPolicyFile = (path: string, folder: string): boolean =>
  WANTED.test(path) && (folder === "." || path.startsWith(`${folder}/`));

/** Rego and data below a folder of a commit. Throws `policy-invalid` where there is none. */
export const filesAt = async (
  world: Pick<World, "git">,
  repo: string,
  commit: string,
  folder: string,
): Promise<readonly PolicyFile[]> => {
  const listed = await world.git.listFiles(repo, commit, folder === "." ? undefined : folder);
  const wanted = listed.filter(
    ({ path, kind }) => kind !== "symlink" && kind !== "submodule" && isPolicyFile(path, folder),
  );
  const read = await world.git.readFiles(
    repo,
    commit,
    wanted.map(({ path }) => path),
  );
  const files = [...read].map(([path, bytes]) => ({
    path: folder === "." ? path : path.slice(folder.length + 1),
    text: new TextDecoder().decode(bytes),
  }));
  if (files.some(({ path }) => path.endsWith(".rego"))) return files;
  throw new PlumblineError("policy-invalid", `The folder ${folder} of ${repo} holds no .rego file.`);
};
