import type { Kysely, Selectable } from "kysely";
import { sql } from "kysely";
import { PlumblineError } from "../model/errors.ts";
import { canBecome, isSettled, type Run, type RunState } from "../model/run.ts";
import type { RunRows } from "../ports/ledger-runs.ts";
import type { Tables } from "./database-tables.ts";
import { runSummaryOf } from "./ledger-shapes.ts";
import { fromText, textOrNull, together, toText } from "./ledger-values.ts";
import { trail } from "./trail.ts";

export const runRows = (kysely: Kysely<Tables>): RunRows => ({
  create: async (run) => {
    const { id, workspace, kind, head, base, trigger } = run;
    await kysely
      .insertInto("runs")
      .values({
        ...{ id, workspace, kind, head, base, trigger },
        state: "queued",
        token: 0,
        pull_repo: run.pull?.repo ?? null,
        pull_number: run.pull?.number ?? null,
        requested_by: run.requestedBy,
        result: toText(run.input),
        created_at: run.createdAt,
        request: trail().request ?? null,
      })
      .execute();
  },
  get: async (id) => {
    const row = await kysely.selectFrom("runs").selectAll().where("id", "=", id).executeTakeFirst();
    return row ? runOf(row) : null;
  },
  list: async (filter) => (await listed(kysely, filter).execute()).map(runOf),
  transition: (id, change) => transition(kysely, id, change),
  supersede: async (pull, keepHead, at) => {
    const rows = await kysely
      .updateTable("runs")
      .set({ state: "superseded", ended_at: at })
      .where("pull_repo", "=", pull.repo)
      .where("pull_number", "=", pull.number)
      .where("kind", "=", "plan")
      .where("state", "in", ["queued", "running"])
      .where("head", "is distinct from", keepHead)
      .returning("id")
      .execute();
    return rows.map(({ id }) => id).sort();
  },
  ...runSteps(kysely),
});

const listed = (kysely: Kysely<Tables>, filter: Parameters<RunRows["list"]>[0]) => {
  let query = kysely.selectFrom("runs").selectAll().orderBy("created_at", "desc").orderBy("id", "desc");
  if (filter.workspace !== undefined) query = query.where("workspace", "=", filter.workspace);
  if (filter.kind !== undefined) query = query.where("kind", "=", filter.kind);
  if (filter.head !== undefined) query = query.where("head", "=", filter.head);
  if (filter.states !== undefined) query = query.where("state", "in", [...filter.states, ""]);
  if (filter.pull !== undefined) {
    query = query.where("pull_repo", "=", filter.pull.repo).where("pull_number", "=", filter.pull.number);
  }
  return filter.limit === undefined ? query : query.limit(filter.limit);
};

const transition = async (
  kysely: Kysely<Tables>,
  id: string,
  change: Parameters<RunRows["transition"]>[1],
): Promise<boolean> => {
  const from = change.from.filter((state) => canBecome(state, change.to));
  if (from.length === 0) {
    throw new PlumblineError("bug", `No run goes from ${change.from.join(", ")} to ${change.to}.`);
  }
  return together(kysely, async (transaction) => {
    const isFenced = FENCED.includes(change.to) && from.includes("running");
    if (!isFenced || (await holdsWorkspace(transaction, id, change.token)))
      return compareAndSet(transaction, id, from, change);
    return compareAndSet(
      transaction,
      id,
      from.filter((state) => state !== "running"),
      change,
    );
  });
};

/** What a run that only looked so far may become under the lease that holds the workspace now, and never without. */
const FENCED: readonly RunState[] = ["apply-started", "succeeded", "failed"];

/** The fence: whatever the run believes of its lease. */
const holdsWorkspace = async (transaction: Kysely<Tables>, run: string, token: number): Promise<boolean> => {
  const lease = await transaction
    .selectFrom("leases")
    .select("token")
    .where("run", "=", run)
    .where("token", "=", token)
    .forUpdate()
    .executeTakeFirst();
  return lease !== undefined;
};

const compareAndSet = async (
  kysely: Kysely<Tables>,
  id: string,
  from: readonly RunState[],
  change: Parameters<RunRows["transition"]>[1],
): Promise<boolean> => {
  const changed = await kysely
    .updateTable("runs")
    .set(valuesOf(change))
    .where("id", "=", id)
    .where("state", "in", [...from, ""])
    .where((row) => row.or([row("state", "=", "queued"), row("token", "=", change.token)]))
    .returning("id")
    .execute();
  return changed.length > 0;
};

const valuesOf = (change: Parameters<RunRows["transition"]>[1]) => ({
  state: change.to,
  token: change.token,
  ended_at: isSettled(change.to) ? change.at : null,
  ...(change.to === "running" || change.to === "apply-started"
    ? { started_at: sql<Date>`coalesce(started_at, ${change.at})` }
    : {}),
  ...(change.commit === undefined ? {} : { commit: change.commit }),
  ...(change.error === undefined ? {} : { error: textOrNull(change.error) }),
  ...(change.result === undefined ? {} : { result: toText(change.result) }),
  ...(change.logArtifact === undefined ? {} : { log_artifact: change.logArtifact }),
});

const runSteps = (kysely: Kysely<Tables>): Pick<RunRows, "step" | "steps"> => ({
  step: async ({ run, name, startedAt, endedAt, ok }) => {
    await kysely
      .insertInto("run_steps")
      .values({ run, name, started_at: startedAt, ended_at: endedAt, ok })
      .onConflict((conflict) =>
        conflict.columns(["run", "name", "started_at"]).doUpdateSet({ ended_at: endedAt, ok }),
      )
      .execute();
  },
  steps: async (run) => {
    const rows = await kysely
      .selectFrom("run_steps")
      .selectAll()
      .where("run", "=", run)
      .orderBy("sequence")
      .execute();
    return rows.map(({ name, started_at, ended_at, ok }) => {
      return { run, name, startedAt: started_at, endedAt: ended_at, ok };
    });
  },
});

const runOf = (row: Selectable<Tables["runs"]>): Run => ({
  ...runSummaryOf(row),
  token: row.token,
  result: fromText(row.result),
  logArtifact: row.log_artifact,
});
