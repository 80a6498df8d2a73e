import { PlumblineError } from "../model/errors.ts";
import { type Alert, nothing, type Outcome } from "../model/job.ts";
import type { Notifier } from "../ports/notify.ts";
import { alertMark } from "./alerts.ts";
import type { World } from "./world.ts";

/**
 * Sends an alert through every channel, each of them once: a channel that was reached is remembered, so that a retry
 * for the others does not ring it again.
 */
export const sendAlert =
  (world: World) =>
  async ({ alert }: { readonly alert: Alert }): Promise<Outcome> => {
    const failures: string[] = [];
    for (const channel of world.notifiers) {
      if (!(await sendOnce(world, channel, alert))) failures.push(channel.name);
    }
    if (failures.length > 0)
      throw new PlumblineError("alert-failed", `The alert did not reach ${failures.join(", ")}.`);
    await world.ledger.meta.set(alertMark(alert), world.clock.now().toISOString());
    return nothing;
  };

const sendOnce = async (world: World, channel: Notifier, alert: Alert): Promise<boolean> => {
  const mark = `${alertMark(alert)}:${channel.name}`;
  if ((await world.ledger.meta.get(mark)) !== undefined) return true;
  try {
    await channel.send({
      ...alert,
      title: world.redactor.redact(alert.title),
      text: world.redactor.redact(alert.text),
    });
    await world.ledger.meta.set(mark, world.clock.now().toISOString());
    return true;
  } catch (error) {
    world.log.warn("an alert could not be sent", { channel: channel.name, error });
    return false;
  }
};
