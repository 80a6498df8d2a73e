import { codeOwners } from "../gate/codeowners.ts";
import type { WorkspaceConfig } from "../model/config.ts";
import { pathIn, type WorkspaceKind } from "../model/workspace.ts";
import type { WorkspaceRow } from "../ports/ledger.ts";
import { codeownersAt } from "./protected-rules.ts";
import { readConfig } from "./run-input.ts";
import type { World } from "./world.ts";

/**
 * Who owns a workspace and all that is found there, for alerts, pages, numbers and comments alike: the owners that its
 * configuration names, else those that CODEOWNERS on its branch names for its files. What was read is kept. Nobody where
 * that cannot be read: an alert goes out all the same.
 */
export const ownersOf = async (
  world: Pick<World, "git" | "log" | "ledger">,
  row: WorkspaceRow,
): Promise<readonly string[]> => {
  if (row.owners) return row.owners;
  const { key, repo, refs } = row;
  const tip = await world.git.resolve(repo, refs.desired.branch).catch((error: unknown) => {
    world.log.warn("the owners of a workspace could not be read", { workspace: key, error });
    return null;
  });
  const owners = tip === null ? named(row) : (await ownersAt(world, repo, tip))(row);
  if (owners !== null && tip !== null) await world.ledger.workspaces.own(key, owners);
  return owners ?? [];
};

/** Who owns which workspace by a commit of the deploy branch; null where CODEOWNERS had to say so and cannot be read. */
export const ownersAt = async (
  world: Pick<World, "git" | "log">,
  repo: string,
  commit: string,
): Promise<(row: Owned) => readonly string[] | null> => {
  const text = await codeownersAt(world, repo, commit).catch((error: unknown) => {
    world.log.warn("CODEOWNERS could not be read", { repo, error });
    return undefined;
  });
  return (row) => {
    const owners = named(row);
    if (owners !== null) return owners;
    return text === undefined ? null : byText(row, text);
  };
};

/**
 * Who owns a workspace by the commit that judges its plan: for policies and approvals.
 * @throws `git-failed` where CODEOWNERS has to say so and cannot be read: nothing passes for want of owners
 */
export const judgedOwners = async (
  world: Pick<World, "git">,
  repo: string,
  commit: string,
  config: Pick<WorkspaceConfig, "dir" | "kind" | "owners">,
): Promise<readonly string[]> =>
  config.owners.length > 0 ? config.owners : byText(config, await codeownersAt(world, repo, commit));

type Owned = Pick<WorkspaceRow, "dir" | "kind" | "config">;

const named = ({ config }: Pick<Owned, "config">): readonly string[] | null => {
  const { owners } = readConfig(config);
  return owners.length === 0 ? null : owners;
};

const byText = ({ dir, kind }: Pick<Owned, "dir" | "kind">, text: string | null): readonly string[] =>
  text === null ? [] : codeOwners(text, [pathIn(dir, A_FILE[kind])]);

/** What stands for a folder's files: CODEOWNERS speaks of files, also by their ending. */
const A_FILE: Readonly<Record<WorkspaceKind, string>> = {
  terraform: "main.tf",
  "postgres-migrations": "V1__first.sql",
};
