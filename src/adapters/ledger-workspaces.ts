import type { Kysely, Selectable } from "kysely";
import type { AcceptedState } from "../model/finding.ts";
import type { ArtifactRef } from "../ports/artifacts.ts";
import type { WorkspaceRow, WorkspaceRows } from "../ports/ledger.ts";
import type { Tables } from "./database-tables.ts";
import { workspaceNamesOf } from "./ledger-shapes.ts";
import { fromText, textOrNull, toText, valueOrNull } from "./ledger-values.ts";

type Change = Partial<Selectable<Tables["workspaces"]>>;

export const workspaceRows = (kysely: Kysely<Tables>): WorkspaceRows => {
  const change = async (key: string, values: Change): Promise<void> => {
    await kysely.updateTable("workspaces").set(values).where("key", "=", key).execute();
  };
  return {
    upsert: async (row) => {
      const { repo, dir, name, project, kind } = row;
      const said = {
        refs: toText(row.refs),
        config: toText(row.config),
        owners: textOrNull(row.owners ?? null),
      };
      const values = { repo, dir, name, project, kind, ...said };
      await kysely
        .insertInto("workspaces")
        .values({ key: row.key, ...values })
        // A workspace that comes back is there again.
        .onConflict((conflict) => conflict.column("key").doUpdateSet({ ...values, removed_at: null }))
        .execute();
    },
    get: async (key) => {
      const row = await kysely.selectFrom("workspaces").selectAll().where("key", "=", key).executeTakeFirst();
      return row ? workspaceOf(row) : null;
    },
    list: async (filter = {}) => {
      let query = kysely.selectFrom("workspaces").selectAll().orderBy("key");
      if (filter.repo !== undefined) query = query.where("repo", "=", filter.repo);
      if (filter.removed !== undefined) {
        query = query.where("removed_at", filter.removed ? "is not" : "is", null);
      }
      return (await query.execute()).map(workspaceOf);
    },
    own: (key, owners) => change(key, { owners: toText(owners) }),
    markRemoved: (key, at) => change(key, { removed_at: at }),
    freeze: (key, why, at, artifact) =>
      change(key, { frozen_why: why, frozen_since: at, frozen_artifact: textOrNull(artifact) }),
    unfreeze: (key) => change(key, { frozen_why: null, frozen_since: null, frozen_artifact: null }),
    driftChecked: (key, at) => change(key, { last_drift_at: at }),
    ...acceptedStates(kysely),
  };
};

const acceptedStates = (kysely: Kysely<Tables>): Pick<WorkspaceRows, "accepted" | "accept"> => ({
  accepted: async (workspace) => {
    const row = await kysely
      .selectFrom("accepted")
      .select("state")
      .where("workspace", "=", workspace)
      .executeTakeFirst();
    if (!row) return null;
    const state = fromText<Omit<AcceptedState, "acceptedAt"> & { acceptedAt: string }>(row.state);
    return { ...state, acceptedAt: new Date(state.acceptedAt) };
  },
  accept: async (accepted) => {
    const state = toText(accepted);
    await kysely
      .insertInto("accepted")
      .values({ workspace: accepted.workspace, state })
      .onConflict((conflict) => conflict.column("workspace").doUpdateSet({ state }))
      .execute();
  },
});

const workspaceOf = (row: Selectable<Tables["workspaces"]>): WorkspaceRow => ({
  ...workspaceNamesOf(row),
  refs: fromText(row.refs),
  config: fromText(row.config),
  owners: valueOrNull<readonly string[]>(row.owners),
  frozen:
    row.frozen_why === null || row.frozen_since === null
      ? null
      : {
          why: row.frozen_why,
          since: row.frozen_since,
          artifact: valueOrNull<ArtifactRef>(row.frozen_artifact),
        },
  removedAt: row.removed_at,
  lastDriftAt: row.last_drift_at,
});
