import { planChannel } from "../alert/plan-channel.ts";
import type { Told } from "../alert/thread.ts";
import {
  ALERT_RULES,
  type AlertLink,
  type AlertMessage,
  type AlertRules,
  type LiveAlert,
} from "../model/alert.ts";
import { PlumblineError } from "../model/errors.ts";
import { nothing, type Outcome } from "../model/job.ts";
import type { Notifier } from "../ports/notify.ts";
import type { World } from "./world.ts";

/** A receiver that does not answer is not asked for every message. */
const MOST_FAILURES = 3;

/**
 * Says in one channel all that it was not told yet. What was said is kept message by message, so that a retry rings
 * nobody twice; what a failing channel misses it is told by a later try. No other channel and no run waits for it.
 */
export const tellChannel =
  (world: World) =>
  async ({ channel }: { readonly channel: string }): Promise<Outcome> => {
    const notifier = world.notifiers.find(({ name }) => name === channel);
    if (!notifier) return nothing;
    const { told, over } = await planned(world, channel);
    for (const thread of over) await world.ledger.alerts.putThread(thread);
    const failures: unknown[] = [];
    for (const one of told) {
      const failure = await say(world, notifier, one);
      if (failure !== null) failures.push(failure);
      if (failures.length === MOST_FAILURES) break;
    }
    if (failures.length === 0) return nothing;
    throw new PlumblineError("alert-failed", `The alert did not reach ${channel}.`, { cause: failures[0] });
  };

const planned = async (world: World, channel: string): Promise<ReturnType<typeof planChannel>> => {
  const rules = world.server.alertRules ?? ALERT_RULES;
  const now = world.clock.now();
  const since = new Date(now.getTime() - memoryMs(rules));
  const alerts = await world.ledger.alerts.live(since);
  const threads = await world.ledger.alerts.threads(channel, since);
  const ways = (alert: LiveAlert): readonly AlertLink[] => linksOf(world.server.publicUrl, alert);
  return planChannel({ channel, rules, alerts, threads, linksOf: ways, now });
};

/** Two days at least: a digest of yesterday must be known today. */
const memoryMs = ({ flap, storm }: AlertRules): number =>
  Math.max(2 * 86_400_000, flap.withinMs, flap.calmMs, storm.withinMs);

/**
 * Where each way out is gone: at the finding's page where the service has an address, else by a comment on the drift
 * pull request. The first is where all is said.
 */
export const linksOf = (
  publicUrl: string | null,
  { url, finding, endedAt }: Pick<LiveAlert, "url" | "finding" | "endedAt">,
): readonly AlertLink[] => {
  if (endedAt !== null) return [];
  const ways = url === null ? [] : ["Formalize", "Revert"];
  if (publicUrl === null || finding === null)
    return url === null ? [] : ways.map((label) => ({ label, url }));
  const page = `${publicUrl.replace(/\/+$/, "")}/drift/${finding}`;
  return [
    ...(url === null ? [] : [{ label: "Pull request", url }]),
    ...[...ways, "Snooze"].map((label) => ({ label, url: `${page}/${label.toLowerCase()}` })),
  ];
};

/** Null once it was said and kept; else what went wrong. */
const say = async (world: World, notifier: Notifier, { thread, message }: Told): Promise<unknown> => {
  const { ledger, clock, log, redactor } = world;
  try {
    const { ref } = await notifier.send(redacted(message, (text) => redactor.redact(text)));
    await ledger.alerts.putThread({ ...thread, ref: ref ?? thread.ref });
    await ledger.alerts.channelWorked(notifier.name, clock.now());
    return null;
  } catch (error) {
    const why = redactor.redact(error instanceof Error ? error.message : String(error));
    const isNew = await ledger.alerts.channelFailed(notifier.name, why, clock.now());
    const tell = isNew ? log.error : log.warn;
    tell.call(log, "an alert could not be sent", { channel: notifier.name, error });
    return error ?? "unknown";
  }
};

const redacted = (message: AlertMessage, redact: (text: string) => string): AlertMessage => ({
  ...message,
  title: redact(message.title),
  text: redact(message.text),
  alerts: message.alerts.map((alert) => ({
    ...alert,
    title: redact(alert.title),
    text: redact(alert.text),
  })),
});
