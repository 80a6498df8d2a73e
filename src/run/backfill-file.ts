import { readBackfill } from "../migration/backfill.ts";
import type { SqlParser } from "../migration/script.ts";
import type { Backfill } from "../model/backfill.ts";
import { PlumblineError } from "../model/errors.ts";
import { parseWorkspaceKey } from "../model/workspace.ts";
import type { BackfillRow } from "../ports/ledger-backfills.ts";
import { commitHere } from "./commit-here.ts";
import type { World } from "./world.ts";

/** The file as it was approved, read from its commit. @throws `gate-denied` where it is not the same any more */
export const approvedBackfill = async (
  world: Pick<World, "git" | "ledger">,
  { workspace, run: id, commit, path, checksum, table }: BackfillRow,
  parse: SqlParser,
): Promise<Backfill> => {
  const repo = parseWorkspaceKey(workspace)?.repo ?? "";
  const run = await world.ledger.runs.get(id);
  await commitHere(world, repo, run ?? { base: null, head: null }, commit);
  const bytes = await world.git.readFile(repo, commit, path);
  const schema = table.slice(0, table.indexOf("."));
  const found = bytes && readBackfill(path, new TextDecoder().decode(bytes), { schema, parse });
  if (found?.checksum === checksum) return found;
  throw new PlumblineError("gate-denied", `${path} at ${commit.slice(0, 12)} is not what was approved.`, {
    hint: "Bring it by a new pull request.",
  });
};
