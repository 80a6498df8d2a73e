import type { Selectable } from "kysely";
import type { Cause, OpenFinding } from "../model/finding.ts";
import type { RunView } from "../model/reading.ts";
import type { RunError, RunKind, RunState } from "../model/run.ts";
import type { WorkspaceKind, WorkspaceNames } from "../model/workspace.ts";
import type { Tables } from "./database-tables.ts";
import { fromText, pullOf, valueOrNull } from "./ledger-values.ts";

// What a row says, for the ledger and for people alike: both lay their own columns over it.

export const findingOf = (row: Selectable<Tables["findings"]>): Omit<OpenFinding, "fingerprint"> => ({
  workspace: row.workspace,
  address: row.address,
  path: row.path,
  cause: row.cause as Cause,
  recorded: fromText(row.recorded),
  actual: fromText(row.actual),
  desired: fromText(row.desired),
  sensitive: row.sensitive,
  openedAt: row.opened_at,
  lastSeenAt: row.last_seen_at,
});

/** A run without what only some of its readers ask for. */
export const runSummaryOf = (
  row: Omit<Selectable<Tables["runs"]>, "result" | "log_artifact" | "token">,
): Omit<RunView, "class" | "hasLog"> => ({
  id: row.id,
  workspace: row.workspace,
  kind: row.kind as RunKind,
  state: row.state as RunState,
  pull: pullOf(row),
  head: row.head,
  base: row.base,
  commit: row.commit,
  trigger: row.trigger,
  requestedBy: row.requested_by,
  error: valueOrNull<RunError>(row.error),
  createdAt: row.created_at,
  startedAt: row.started_at,
  endedAt: row.ended_at,
  request: row.request,
});

export const workspaceNamesOf = (
  row: Pick<Selectable<Tables["workspaces"]>, "key" | "repo" | "dir" | "name" | "project" | "kind">,
): WorkspaceNames => ({
  key: row.key,
  repo: row.repo,
  dir: row.dir,
  name: row.name,
  project: row.project,
  kind: row.kind as WorkspaceKind,
});
