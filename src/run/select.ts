import type { PullRef } from "../model/pull.ts";
import type { WorkspaceRow } from "../ports/ledger.ts";
import type { World } from "./world.ts";

/** What -d, -w and -p of a command named. */
export type Selector = { readonly [flag in "dir" | "workspace" | "project"]?: string | undefined };

export const matches = (
  selector: Selector,
  id: { dir: string; name: string; project?: string | null | undefined },
): boolean =>
  (selector.dir === undefined || selector.dir === id.dir) &&
  (selector.workspace === undefined || selector.workspace === id.name) &&
  (selector.project === undefined || selector.project === id.project);

/** The repository's workspaces that a command names: all when it names none; on a drift pull request, its own. */
export const selectRows = async (
  world: World,
  pull: PullRef,
  selector: Selector,
): Promise<readonly WorkspaceRow[]> => {
  const rows = await world.ledger.workspaces.list({ repo: pull.repo, removed: false });
  const named = rows.filter((row) => matches(selector, row));
  const { driftOf } = (await world.ledger.pulls.get(pull)) ?? { driftOf: null };
  const namesNone =
    selector.dir === undefined && selector.workspace === undefined && selector.project === undefined;
  return namesNone && driftOf ? named.filter((row) => row.key === driftOf) : named;
};
