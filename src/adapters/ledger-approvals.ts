import type { Kysely, Selectable } from "kysely";
import type { ApprovalRow, ApprovalRows } from "../ports/ledger.ts";
import type { Tables } from "./database-tables.ts";
import { fromText, toText } from "./ledger-values.ts";

export const approvalRows = (kysely: Kysely<Tables>): ApprovalRows => ({
  add: async ({ pull, workspace, kind, by, head, digest, paths, at }) => {
    await kysely
      .insertInto("approvals")
      .values({
        ...{ workspace, kind, by, head, digest, at },
        pull_repo: pull.repo,
        pull_number: pull.number,
        paths: toText(paths),
      })
      .execute();
  },
  list: async (pull) => {
    const rows = await kysely
      .selectFrom("approvals")
      .selectAll()
      .where("pull_repo", "=", pull.repo)
      .where("pull_number", "=", pull.number)
      .orderBy("sequence")
      .execute();
    return rows.map(approvalOf);
  },
  void: async (pull, keep, at) => {
    const { workspace, digest } = keep;
    await kysely
      .updateTable("approvals")
      .set({ voided_at: at })
      .where("pull_repo", "=", pull.repo)
      .where("pull_number", "=", pull.number)
      .where("voided_at", "is", null)
      .where((row) => {
        const otherHead = row("head", "<>", keep.head);
        if (workspace === undefined || digest === undefined) return otherHead;
        return row.or([otherHead, row.and([row("workspace", "=", workspace), row("digest", "<>", digest)])]);
      })
      .execute();
  },
});

const approvalOf = (row: Selectable<Tables["approvals"]>): ApprovalRow => ({
  pull: { repo: row.pull_repo, number: row.pull_number },
  workspace: row.workspace,
  kind: row.kind as ApprovalRow["kind"],
  by: row.by,
  head: row.head,
  digest: row.digest,
  paths: fromText<ApprovalRow["paths"]>(row.paths),
  at: row.at,
  voidedAt: row.voided_at,
});
