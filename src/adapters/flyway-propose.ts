import { nextPaths } from "../migration/next-version.ts";
import { replayOrder } from "../migration/replay-order.ts";
import type { Resolved } from "../migration/resolve.ts";
import { standingOf } from "../migration/standing.ts";
import type { MigrationProposal } from "../model/migration-proposal.ts";
import type { MigrationFolder } from "./flyway-folder.ts";
import { type ProposalAsk, proposeMigration } from "./pg-propose.ts";
import type { ProposedFolder } from "./pg-propose-folder.ts";
import type { Target } from "./pg-session.ts";

/** What puts history and live schema of a folder of Flyway's files at one again. @throws `sql-failed` */
export const proposeForFolder = (
  target: Target,
  { place, resolved, history, standing }: MigrationFolder,
  ask: ProposalAsk,
): Promise<MigrationProposal> =>
  proposeMigration(
    target,
    { ...writtenFolder(place, resolved, ask.now), ...replayOrder(resolved, history ?? [], standing) },
    ask,
  );

/** A folder with nothing applied, as it stands on an empty database. */
export const wholeFolder = (
  place: MigrationFolder["place"],
  resolved: Resolved,
  now: Date,
): ProposedFolder => ({
  ...writtenFolder(place, resolved, now),
  recorded: [],
  rest: standingOf(resolved, [], { outOfOrder: true }).pending,
});

const writtenFolder = (
  place: MigrationFolder["place"],
  resolved: Resolved,
  now: Date,
): Omit<ProposedFolder, "recorded" | "rest"> => {
  const versioned = new Set(
    resolved.migrations.filter(({ name }) => name.version !== null).map(({ path }) => path),
  );
  return {
    place,
    mayChange: ({ path }) => versioned.has(path),
    byHand: null,
    name: (descriptions) => nextPaths(resolved, descriptions, now),
    write: async (scripts) => ({
      files: scripts.map(({ path, text }) => ({ path, text, replaces: false })),
      scripts,
      refused: null,
    }),
  };
};
