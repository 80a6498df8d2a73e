import type { Kysely, Selectable } from "kysely";
import { isJsonObject, type Json } from "../model/json.ts";
import type { ArtifactRef } from "../ports/artifacts.ts";
import type { PlanRow, PlanRows } from "../ports/ledger.ts";
import type { Tables } from "./database-tables.ts";
import { fromText, pullOf, textOrNull, toText, valueOrNull } from "./ledger-values.ts";

export const planRows = (kysely: Kysely<Tables>): PlanRows => ({
  add: async (plan) => {
    const { run, workspace, head, base, digest } = plan;
    await kysely
      .insertInto("plans")
      .values({
        ...{ run, workspace, head, base, digest },
        pull_repo: plan.pull?.repo ?? null,
        pull_number: plan.pull?.number ?? null,
        digest_parts: toText(plan.digestParts),
        summary: toText(plan.summary),
        plan_artifact: textOrNull(plan.planArtifact),
        json_artifact: textOrNull(plan.jsonArtifact),
        created_at: plan.createdAt,
        class: classIn(plan.summary),
      })
      .execute();
  },
  ofRun: async (run) => {
    const row = await kysely.selectFrom("plans").selectAll().where("run", "=", run).executeTakeFirst();
    return row ? planOf(row) : null;
  },
  current: async (workspace, pull) => {
    const row = await kysely
      .selectFrom("plans")
      .selectAll()
      .where("workspace", "=", workspace)
      .where("pull_repo", "=", pull.repo)
      .where("pull_number", "=", pull.number)
      .where("discarded_at", "is", null)
      .orderBy("created_at", "desc")
      .orderBy("sequence", "desc")
      .limit(1)
      .executeTakeFirst();
    return row ? planOf(row) : null;
  },
  discard: async (pull, at, workspace) => {
    const query = kysely
      .updateTable("plans")
      .set({ discarded_at: at })
      .where("pull_repo", "=", pull.repo)
      .where("pull_number", "=", pull.number)
      .where("discarded_at", "is", null);
    await (workspace === undefined ? query : query.where("workspace", "=", workspace)).execute();
  },
});

/** Kept apart, so that a list of plans need not read their summaries. */
const classIn = (summary: Json): string | null => {
  const inspection = isJsonObject(summary) ? summary["inspection"] : null;
  const found = isJsonObject(inspection) ? inspection["class"] : null;
  return typeof found === "string" ? found : null;
};

const planOf = (row: Selectable<Tables["plans"]>): PlanRow => ({
  run: row.run,
  workspace: row.workspace,
  pull: pullOf(row),
  head: row.head,
  base: row.base,
  digest: row.digest,
  digestParts: fromText(row.digest_parts),
  summary: fromText(row.summary),
  planArtifact: valueOrNull<ArtifactRef>(row.plan_artifact),
  jsonArtifact: valueOrNull<ArtifactRef>(row.json_artifact),
  createdAt: row.created_at,
  discardedAt: row.discarded_at,
});
