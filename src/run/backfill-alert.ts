import type { Alert, FollowUp } from "../model/job.ts";
import { pullKey } from "../model/pull.ts";
import type { BackfillRow } from "../ports/ledger-backfills.ts";
import { alertMark } from "./alerts.ts";

/** Tells every channel that a backfill stopped by itself: nothing goes on until somebody says so. */
export const tellStop = (row: BackfillRow, reason: string, at: Date): FollowUp => {
  const place = row.pull === null ? "" : ` Its pull request is ${pullKey(row.pull)}.`;
  return tell({
    ...named(row, at),
    event: "opened",
    title: `A backfill stopped: ${row.name}`,
    text: `${row.workspace}: the backfill ${row.name} of ${row.table} stopped by itself: ${reason}. Migrations that take something from its table stay denied.${place}`,
  });
};

/** Nothing where no such alert is open. */
export const tellStopEnded = (row: BackfillRow, by: string, at: Date): FollowUp =>
  tell({
    ...named(row, at),
    event: "ended",
    title: `A backfill is seen to: ${row.name}`,
    text: `${row.workspace}: ${by} decided about the backfill ${row.name}, which had stopped.`,
  });

const tell = (alert: Alert): FollowUp => ({ job: { kind: "alert", alert }, dedupeKey: alertMark(alert) });

/** Without an address of its own it leads to the page of its workspace, where it is decided about. */
const named = (
  { workspace, name }: BackfillRow,
  at: Date,
): Pick<Alert, "fingerprint" | "id" | "workspace" | "url"> => ({
  ...{ fingerprint: `backfill:${workspace}:${name}`, id: at.toISOString(), workspace, url: null },
});
