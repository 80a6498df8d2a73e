import type { AlertRecord } from "../model/alert.ts";
import { type Alert, followUps, nothing, type Outcome } from "../model/job.ts";
import { alertId, tellSoon } from "./alerts.ts";
import { ownersOf } from "./workspace-owners.ts";
import type { World } from "./world.ts";

/** Keeps an alert that is about no finding (policies, a silent replica), and has every channel told. */
export const takeAlert =
  (world: World) =>
  async ({ alert }: { readonly alert: Alert }): Promise<Outcome> => {
    const kept = alert.event === "opened" ? await opened(world, alert) : await ended(world, alert);
    if (kept === null) return nothing;
    await world.ledger.alerts.put(kept);
    return followUps(...tellSoon(world));
  };

const opened = async (world: World, alert: Alert): Promise<AlertRecord | null> => {
  const id = alertId(alert);
  if ((await world.ledger.alerts.get(id)) !== null) return null;
  const { fingerprint, workspace, title, text, url, severity, owners, who } = alert;
  return {
    ...{ id, fingerprint, workspace, title, text, url },
    ...{ severity: severity ?? "warning", who: who ?? null },
    owners: owners ?? (await ownersBy(world, workspace)),
    ...{ openedAt: world.clock.now(), endedAt: null, ending: null },
  };
};

/** Nobody owns the service itself. */
const ownersBy = async (world: World, workspace: string): Promise<readonly string[]> => {
  const row = workspace === "" ? null : await world.ledger.workspaces.get(workspace);
  return row === null ? [] : ownersOf(world, row);
};

const ended = async (world: World, alert: Alert): Promise<AlertRecord | null> => {
  const open = await world.ledger.alerts.openOf(alert.workspace);
  const known = open.find(({ fingerprint }) => fingerprint === alert.fingerprint);
  if (!known) return null;
  return { ...known, endedAt: world.clock.now(), ending: { title: alert.title, text: alert.text } };
};
