import { type Kysely, type RawBuilder, sql } from "kysely";
import { isJsonObject, type JsonObject } from "../model/json.ts";
import type { AuditView, EvidenceView, LockView, Page, QueueView } from "../model/reading.ts";
import type { AuditWish, PageWish, ReadModel, Scope } from "../ports/read-model.ts";
import type { Tables } from "./database-tables.ts";
import { fromText } from "./ledger-values.ts";
import { allOf, isSame, isVisible, pageOf, readCursor } from "./read-model-parts.ts";

export type RecordQueries = Pick<ReadModel, "locks" | "queue" | "audit" | "evidence"> & {
  readonly locksOf: (workspace: string) => Promise<readonly LockView[]>;
};

export const recordQueries = (kysely: Kysely<Tables>, runs: Pick<ReadModel, "runs">): RecordQueries => ({
  locks: (wish) => locks(kysely, wish),
  locksOf: async (workspace) => (await lockRows(kysely, isSame(sql`workspace`, workspace))).map(lockOf),
  queue: (scope) => queue(kysely, runs, scope),
  audit: (wish) => audit(kysely, wish),
  evidence: (wish) => evidence(kysely, wish),
});

const locks = async (kysely: Kysely<Tables>, wish: PageWish): Promise<Page<LockView>> => {
  const after = wish.cursor === undefined ? null : readCursor(wish.cursor, ["text", "number"]);
  const visible = isVisible(sql`workspace`, wish.visible);
  const behind = after && sql`(workspace, sequence) > (${after[0]}, ${after[1]})`;
  const rows = await lockRows(kysely, visible, behind, wish.limit + 1);
  return pageOf(rows, wish.limit, lockOf, ({ workspace, sequence }) => [workspace, sequence]);
};

interface LockRow {
  readonly workspace: string;
  readonly pull_repo: string;
  readonly pull_number: number;
  readonly by: string;
  readonly since: Date;
  readonly position: number;
  readonly sequence: number;
}

/** Places in the queues are counted over all that `of` leaves, before `then` cuts a part out. */
const lockRows = async (
  kysely: Kysely<Tables>,
  of: RawBuilder<unknown> | null,
  then: RawBuilder<unknown> | null = null,
  limit: number | null = null,
): Promise<readonly LockRow[]> => {
  const { rows } = await sql<LockRow>`
    select * from (select workspace, pull_repo, pull_number, by, since, sequence,
      row_number() over (partition by workspace order by sequence) - 1 as position
      from locks where ${allOf([of])}) as placed
    where ${allOf([then])} order by workspace, sequence limit ${limit}`.execute(kysely);
  return rows;
};

const lockOf = ({ workspace, pull_repo, pull_number, by, since, position }: LockRow): LockView => ({
  ...{ workspace, by, since, position: Number(position) },
  pull: { repo: pull_repo, number: pull_number },
});

const ON_THE_WAY = ["queued", "running", "apply-started", "verifying", "unknown"] as const;
const MOST_RUNS = 200;

const queue = async (
  kysely: Kysely<Tables>,
  { runs }: Pick<ReadModel, "runs">,
  { visible }: Scope,
): Promise<QueueView> => {
  const { rows } = await sql<{ kind: string; waiting: number; running: number; oldest: Date | null }>`
    select kind, count(*) filter (where state = 'waiting') as waiting,
      count(*) filter (where state = 'running') as running,
      min(not_before) filter (where state = 'waiting') as oldest
    from jobs where state in ('waiting', 'running') group by kind order by kind`.execute(kysely);
  const now = await runs({ visible, states: ON_THE_WAY, limit: MOST_RUNS });
  return { jobs: rows, runs: now.items };
};

const audit = async (kysely: Kysely<Tables>, wish: AuditWish): Promise<Page<AuditView>> => {
  const [after] = wish.cursor === undefined ? [] : readCursor(wish.cursor, ["number"]);
  const where = allOf([
    isVisible(sql`subject`, wish.visible),
    isSame(sql`subject`, wish.subject),
    isSame(sql`actor`, wish.actor),
    isSame(sql`action`, wish.action),
    after === undefined ? null : sql`sequence < ${after}`,
  ]);
  const { rows } = await sql<Omit<AuditView, "details"> & { details: string }>`
    select sequence, at, actor, action, subject, details from audit
    where ${where} order by sequence desc limit ${wish.limit + 1}`.execute(kysely);
  return pageOf(
    rows,
    wish.limit,
    (row) => ({ ...row, details: fromText(row.details) }),
    (row) => [row.sequence],
  );
};

const evidence = async (
  kysely: Kysely<Tables>,
  wish: PageWish & { readonly workspace?: string },
): Promise<Page<EvidenceView>> => {
  const [after] = wish.cursor === undefined ? [] : readCursor(wish.cursor, ["number"]);
  const where = allOf([
    sql`position('"evidence":{' in details) > 0`,
    isVisible(sql`subject`, wish.visible),
    isSame(sql`subject`, wish.workspace),
    after === undefined ? null : sql`sequence < ${after}`,
  ]);
  const { rows } = await sql<{
    sequence: number;
    at: Date;
    actor: string;
    action: string;
    subject: string;
    details: string;
  }>`select sequence, at, actor, action, subject, details from audit
    where ${where} order by sequence desc limit ${wish.limit + 1}`.execute(kysely);
  return pageOf(rows, wish.limit, evidenceOf, (row) => [row.sequence]);
};

const evidenceOf = (row: {
  readonly sequence: number;
  readonly at: Date;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly details: string;
}): EvidenceView => {
  const { sequence, at, actor, action, subject: workspace } = row;
  const details = objectOr(fromText(row.details));
  const { sha256 } = objectOr(details["evidence"]);
  const text = (name: string): string | null => {
    const value = details[name];
    return typeof value === "string" ? value : null;
  };
  const { verified } = details;
  return {
    ...{ sequence, at, actor, action, workspace },
    run: text("run") ?? "",
    commit: text("commit"),
    digest: text("digest"),
    verified: typeof verified === "boolean" ? verified : null,
    sha256: typeof sha256 === "string" ? sha256 : "",
  };
};

const objectOr = (value: unknown): JsonObject =>
  isJsonObject(value as JsonObject) ? (value as JsonObject) : {};
