import type { Cause, OpenFinding } from "../model/finding.ts";
import type { FollowUp } from "../model/job.ts";
import type { WorkspaceRow } from "../ports/ledger.ts";
import { alertFor } from "../report/alert.ts";

/** Causes that somebody's hand made; the others are told in reports and wake nobody. */
const BY_HAND: ReadonlySet<Cause> = new Set(["console", "absorbed", "unmanaged", "vanished"]);
export const isByHand = (finding: { readonly cause: Cause }): boolean => BY_HAND.has(finding.cause);

/** One alert per finding when it opens and one when it ends. */
export const alertsFor = (
  workspace: WorkspaceRow,
  opened: readonly OpenFinding[],
  ended: readonly OpenFinding[],
): readonly FollowUp[] => [
  ...opened.filter(isByHand).map((finding) => alert("opened", workspace, finding)),
  ...ended.filter(isByHand).map((finding) => alert("ended", workspace, finding)),
];

const alert = (event: "opened" | "ended", workspace: WorkspaceRow, finding: OpenFinding): FollowUp => ({
  job: {
    kind: "alert",
    alert: {
      event,
      fingerprint: finding.fingerprint,
      id: finding.openedAt.toISOString(),
      workspace: workspace.key,
      url: null,
      ...alertFor(event, finding),
    },
  },
});
