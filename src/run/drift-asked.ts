import { askRevert, selectDrift } from "./drift-selection.ts";
import { clearPendingIgnores } from "./pending-ignores.ts";
import type { World } from "./world.ts";

/** What people asked of a drift pull request ends with it: the next one begins with all of the drift. */
export const forgetAsked = async (world: Pick<World, "ledger">, workspace: string): Promise<void> => {
  await clearPendingIgnores(world, workspace);
  await selectDrift(world, workspace, []);
  await askRevert(world, workspace, null);
};
