import { type Kysely, sql } from "kysely";
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
  locks: ({ visible }) => locks(kysely, visible, undefined),
  locksOf: (workspace) => locks(kysely, ["*"], workspace),
  queue: (scope) => queue(kysely, runs, scope),
  audit: (wish) => audit(kysely, wish),
  evidence: (wish) => evidence(kysely, wish),
});

const locks = async (
  kysely: Kysely<Tables>,
  visible: readonly string[],
  workspace: string | undefined,
): Promise<readonly LockView[]> => {
  const where = allOf([isVisible(sql`workspace`, visible), isSame(sql`workspace`, workspace)]);
  const { rows } = await sql<{
    workspace: string;
    pull_repo: string;
    pull_number: number;
    by: string;
    since: Date;
    position: number;
  }>`select workspace, pull_repo, pull_number, by, since,
      row_number() over (partition by workspace order by sequence) - 1 as position
    from locks where ${where} order by workspace, sequence`.execute(kysely);
  return rows.map(({ pull_repo, pull_number, ...row }) => ({
    ...row,
    position: Number(row.position),
    pull: { repo: pull_repo, number: pull_number },
  }));
};

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
