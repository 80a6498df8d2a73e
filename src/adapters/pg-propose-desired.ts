import { possibleRenames } from "../migration/possible-rename.ts";
import { judged, proposeChange } from "../migration/propose.ts";
import type { MigrationProposal } from "../model/migration-proposal.ts";
import { NO_OWNERS } from "./pg-owners.ts";
import { makeHome, type ProposalTools, refusedIn, writeInto } from "./pg-propose.ts";
import type { ProposedFolder } from "./pg-propose-folder.ts";
import { proveFiles, snapshotOf } from "./pg-prove.ts";
import { type ReplayScript, replay } from "./pg-replay.ts";
import { withScratch } from "./pg-scratch.ts";

/**
 * The files from a folder's end to a desired schema, both replayed in empty databases.
 * @throws `sql-failed` where the folder or the desired schema cannot be replayed
 */
export const proposeDesired = (
  folder: ProposedFolder,
  desired: ReplayScript,
  ask: ProposalTools & { readonly now: Date },
): Promise<MigrationProposal> =>
  withScratch(ask.rehearsal, (scratch) =>
    withScratch(ask.rehearsal, async (other) => {
      const { place } = folder;
      const words = { place, parse: ask.parse, owners: NO_OWNERS };
      for (const each of [scratch, other]) await makeHome(each, folder);
      await replay(scratch, [...folder.recorded, ...folder.rest], place.schema, ask.parse);
      await replay(other, [desired], place.schema, ask.parse);
      const [from, to] = [await snapshotOf(scratch, words), await snapshotOf(other, words)];
      const { version } = scratch;
      const change = proposeChange(from, to, { ...ask, purpose: "declare", name: folder.name, version });
      const { files, scripts, ...written } = await writeInto(folder, change.scripts);
      const unwritten = [...refusedIn({ files, scripts, ...written }, from, to), ...change.unwritten];
      const destroys = written.refused === null ? change.destroys : [];
      return {
        ...{ purpose: "declare", files, runs: scripts.map(({ path }) => path), unwritten },
        ...judged(scripts, destroys, { ...ask, version }),
        destroys,
        renames: possibleRenames(from, to),
        hotFixes: [],
        proof:
          scripts.length === 0
            ? null
            : { elsewhere: await proveFiles(scratch, scripts, to, unwritten, words), live: null },
      };
    }),
  );
