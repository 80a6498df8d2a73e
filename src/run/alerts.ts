import { actorText } from "../alert/actor-text.ts";
import { severityOf } from "../alert/severity.ts";
import { ALERT_RULES, type AlertRecord, type Severity } from "../model/alert.ts";
import { isByHand, type OpenFinding } from "../model/finding.ts";
import type { Alert, FollowUp } from "../model/job.ts";
import type { WorkspaceRow } from "../ports/ledger.ts";
import { alertFor } from "../report/alert.ts";
import { isOpening } from "../risk/opening.ts";
import { actorOf } from "./actors.ts";
import { dangersOf } from "./drift-danger.ts";
import { ownersOf } from "./workspace-owners.ts";
import type { World } from "./world.ts";

const LOOK_BACK = 5000;

/**
 * Brings the alerts of a workspace to what its findings are now: opened, changed, ended. Returns who must be told soon,
 * nobody where all is as it was. `url` is where to act.
 */
export const alertsOwed = async (
  world: World,
  workspace: WorkspaceRow,
  url: string | null,
): Promise<readonly FollowUp[]> => {
  const open = (await world.ledger.findings.open(workspace.key)).filter(isByHand);
  const known = await world.ledger.alerts.openOf(workspace.key);
  const changed = [
    ...(await openedOf(world, workspace, open, known, url)),
    ...(await endedOf(world, workspace.key, open, known)),
  ];
  for (const alert of changed) await world.ledger.alerts.put(alert);
  return changed.length === 0 ? [] : tellSoon(world);
};

/** A job for every channel, a little later, so that what comes together is told together. */
export const tellSoon = ({
  notifiers,
  clock,
  server,
}: Pick<World, "notifiers" | "clock" | "server">): readonly FollowUp[] => {
  const { gatherMs } = server.alertRules ?? ALERT_RULES;
  const notBefore = gatherMs === 0 ? {} : { notBefore: new Date(clock.now().getTime() + gatherMs) };
  return notifiers.map(({ name }) => ({
    job: { kind: "alert-channel", channel: name },
    dedupeKey: `alert-channel:${name}`,
    ...notBefore,
  }));
};

const openedOf = async (
  world: World,
  workspace: WorkspaceRow,
  open: readonly OpenFinding[],
  known: readonly AlertRecord[],
  url: string | null,
): Promise<readonly AlertRecord[]> => {
  if (open.length === 0) return [];
  const owners = await ownersOf(world, workspace);
  const before = new Map(known.map((alert) => [alert.id, alert]));
  const changed: AlertRecord[] = [];
  for (const finding of open) {
    const fresh = await recordOf(world, finding, { owners, url });
    const old = before.get(fresh.id);
    // A drift pull request that closed while the finding is open is still where all was said.
    const alert = { ...fresh, url: url ?? old?.url ?? null };
    if (!old || !isSame(old, alert)) changed.push(alert);
  }
  return changed;
};

const recordOf = async (
  world: World,
  finding: OpenFinding,
  around: { readonly owners: readonly string[]; readonly url: string | null },
): Promise<AlertRecord> => {
  const actor = await actorOf(world.ledger, finding);
  return {
    id: alertId({ fingerprint: finding.fingerprint, id: finding.openedAt.toISOString() }),
    fingerprint: finding.fingerprint,
    workspace: finding.workspace,
    severity: severityIn(world, finding),
    ...around,
    ...alertFor("opened", finding),
    who: actor === null ? null : actorText(actor),
    openedAt: finding.openedAt,
    endedAt: null,
    ending: null,
  };
};

const severityIn = ({ catalogue }: Pick<World, "catalogue">, finding: OpenFinding): Severity => {
  const { danger } = dangersOf(catalogue, finding);
  return severityOf({ ...finding, danger: danger?.class ?? null, opensToWorld: isOpening(finding) });
};

const isSame = (left: AlertRecord, right: AlertRecord): boolean =>
  (["title", "text", "severity", "url", "who"] as const).every((key) => left[key] === right[key]) &&
  left.owners.join(" ") === right.owners.join(" ");

/** Of alerts about findings, those whose finding has ended. Alerts about other things end by a job of their own. */
const endedOf = async (
  world: World,
  workspace: string,
  open: readonly OpenFinding[],
  known: readonly AlertRecord[],
): Promise<readonly AlertRecord[]> => {
  const still = new Set(open.map((finding) => idOf(finding)));
  const gone = known.filter(({ id }) => !still.has(id));
  if (gone.length === 0) return [];
  const history = await world.ledger.findings.history(workspace, LOOK_BACK);
  const ended = new Map(history.map((finding) => [idOf(finding), finding]));
  return gone.flatMap((alert) => {
    const finding = ended.get(alert.id);
    return finding ? [{ ...alert, endedAt: finding.endedAt, ending: alertFor("ended", finding) }] : [];
  });
};

const idOf = ({ fingerprint, openedAt }: OpenFinding): string =>
  alertId({ fingerprint, id: openedAt.toISOString() });

/** Names one life: what opens again is told again. */
export const alertId = ({ fingerprint, id }: Pick<Alert, "fingerprint" | "id">): string =>
  `${fingerprint}:${id}`;

export const alertMark = (alert: Pick<Alert, "fingerprint" | "id" | "event">): string =>
  `alert:${alertId(alert)}:${alert.event}`;
