import { CODEOWNERS_PLACES } from "../gate/codeowners.ts";
import type { Catalogue } from "../model/catalogue.ts";
import type { ConfigProblem, RepoConfig } from "../model/config.ts";
import { PlumblineError } from "../model/errors.ts";
import { DEFAULT_GOVERNANCE, type Governance } from "../model/governance.ts";
import { withOverrides } from "../risk/overrides.ts";
import { filesConfigAt } from "./repo-workspaces.ts";
import type { World } from "./world.ts";

/** What a pull request must not say about itself: read from the protected branch before it. */
export interface ProtectedRules {
  /** The stateful catalogue with this repository's overrides. */
  readonly catalogue: Catalogue;
  /** Who approves which class, and when it may be applied. */
  readonly governance: Governance;
  /** Which files say what resources hold; left out where the repository names none. */
  readonly resourceContext?: NonNullable<RepoConfig["resourceContext"]>;
}

/**
 * The rules of a repository as they stood on the deploy branch at `commit`: the base of a pull request's plan, so that
 * neither its head nor its merge loosens what it is judged by. Files that cannot be read fail with `config-invalid`.
 */
export const protectedRules = async (
  world: Pick<World, "git" | "catalogue">,
  repo: string,
  commit: string,
): Promise<ProtectedRules> => {
  const config = await filesConfigAt(world, repo, commit);
  if (!config.ok) throw broken(config.problems);
  const catalogue = withOverrides(world.catalogue, config.value.stateful ?? []);
  if (!catalogue.ok) throw broken(catalogue.problems);
  return {
    catalogue: catalogue.value,
    governance: config.value.governance ?? DEFAULT_GOVERNANCE,
    ...(config.value.resourceContext ? { resourceContext: config.value.resourceContext } : {}),
  };
};

/** Text of the CODEOWNERS file of a commit, null where there is none. */
export const codeownersAt = async (
  world: Pick<World, "git">,
  repo: string,
  commit: string,
): Promise<string | null> => {
  const files = await world.git.readFiles(repo, commit, CODEOWNERS_PLACES);
  const place = CODEOWNERS_PLACES.find((path) => files.has(path));
  return place === undefined ? null : new TextDecoder().decode(files.get(place));
};

const broken = (problems: readonly ConfigProblem[]): PlumblineError =>
  new PlumblineError(
    "config-invalid",
    `The protected branch's configuration is not in order, so nothing can be judged by it: ${problems
      .map(({ path, message }) => `${path}: ${message}`)
      .join(" ")}`,
    { hint: "Mend it in a pull request of its own; such a one touches no workspace and can be merged." },
  );
