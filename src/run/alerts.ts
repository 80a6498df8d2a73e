import { isByHand, type OpenFinding } from "../model/finding.ts";
import type { Alert, FollowUp } from "../model/job.ts";
import { alertFor } from "../report/alert.ts";
import type { World } from "./world.ts";

const LOOK_BACK = 100;

/**
 * The alerts that a workspace still owes people: one when a finding opened, one when it ended. What was sent is
 * remembered by `sendAlert`, so asking twice sends nothing twice. `url` is where to act.
 */
export const alertsOwed = async (
  world: World,
  workspace: string,
  url: string | null,
): Promise<readonly FollowUp[]> => {
  const open = (await world.ledger.findings.open(workspace)).filter(isByHand);
  const ended = (await world.ledger.findings.history(workspace, LOOK_BACK)).filter(isByHand);
  const alerts = [
    ...open.map((finding) => alertOf("opened", finding, url)),
    ...ended.map((finding) => alertOf("ended", finding, url)),
  ];
  const owed: FollowUp[] = [];
  for (const alert of alerts) {
    if (await isOwed(world, alert)) owed.push({ job: { kind: "alert", alert }, dedupeKey: alertMark(alert) });
  }
  return owed;
};

const alertOf = (event: Alert["event"], finding: OpenFinding, url: string | null): Alert => ({
  event,
  fingerprint: finding.fingerprint,
  id: finding.openedAt.toISOString(),
  workspace: finding.workspace,
  url,
  ...alertFor(event, finding),
});

/** Nobody is told of the end of something that they were never told of. */
const isOwed = async (world: World, alert: Alert): Promise<boolean> => {
  const sent = async (event: Alert["event"]): Promise<boolean> =>
    (await world.ledger.meta.get(alertMark({ ...alert, event }))) !== undefined;
  return !(await sent(alert.event)) && (alert.event === "opened" || (await sent("opened")));
};

export const alertMark = ({ fingerprint, id, event }: Pick<Alert, "fingerprint" | "id" | "event">): string =>
  `alert:${fingerprint}:${id}:${event}`;
