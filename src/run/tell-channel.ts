import { planChannel } from "../alert/plan-channel.ts";
import type { Told } from "../alert/thread.ts";
import {
  ALERT_RULES,
  type AlertLink,
  type AlertRules,
  type AlertThread,
  type LiveAlert,
} from "../model/alert.ts";
import { PlumblineError } from "../model/errors.ts";
import { nothing, type Outcome } from "../model/job.ts";
import type { Notifier } from "../ports/notify.ts";
import { failureOf } from "./channels.ts";
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
    let sent = 0;
    for (const one of told) {
      const came = await say(world, notifier, one);
      if (came === "sent") sent += 1;
      else if (came !== "skipped") failures.push(came.failure);
      if (failures.length === MOST_FAILURES) break;
    }
    if (failures.length === 0) return sent === 0 ? listen(world, notifier) : nothing;
    throw new PlumblineError("alert-failed", `The alert did not reach ${channel}.`, { cause: failures[0] });
  };

const planned = async (world: World, channel: string): Promise<ReturnType<typeof planChannel>> => {
  const rules = world.server.alertRules ?? ALERT_RULES;
  const now = world.clock.now();
  const since = new Date(now.getTime() - memoryMs(rules));
  const alerts = await world.ledger.alerts.live(since);
  const threads = await world.ledger.alerts.threads(channel, since);
  const { publicUrl } = world.server;
  return planChannel({
    ...{ channel, rules, alerts, threads, now },
    linksOf: (alert) => linksOf(publicUrl, alert),
    listOf: (thread) => listOf(publicUrl, thread),
  });
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
  { url, finding, endedAt, workspace }: Pick<LiveAlert, "url" | "finding" | "endedAt" | "workspace">,
): readonly AlertLink[] => {
  if (endedAt !== null) return [];
  const home = publicUrl?.replace(/\/+$/, "") ?? null;
  // What policies deny stands on the workspace's page; what is about the service itself, where everybody looks.
  if (home !== null && finding === null && url === null)
    return [
      {
        label: "Show it",
        url: workspace === "" ? `${home}/` : `${home}/workspaces/${encodeURIComponent(workspace)}`,
      },
    ];
  const ways = url === null ? [] : ["Formalize", "Revert"];
  if (home === null || finding === null) return url === null ? [] : ways.map((label) => ({ label, url }));
  const page = `${home}/drift/${finding}`;
  return [
    ...(url === null ? [] : [{ label: "Pull request", url }]),
    ...[...ways, "Snooze"].map((label) => ({ label, url: `${page}/${label.toLowerCase()}` })),
  ];
};

/** The page of what one message told of in one channel, as far as it is still open. */
const listOf = (
  publicUrl: string | null,
  { channel, key }: Pick<AlertThread, "channel" | "key">,
): string | null =>
  publicUrl === null
    ? null
    : `${publicUrl.replace(/\/+$/, "")}/findings?${new URLSearchParams({ told: `${channel}:${key}` })}`;

type Came = "sent" | "skipped" | { readonly failure: unknown };

const say = async (world: World, notifier: Notifier, { thread, message }: Told): Promise<Came> => {
  const { ledger, clock, log, redactor } = world;
  try {
    const { ref, skipped } = await notifier.send(message);
    await ledger.alerts.putThread({ ...thread, ref: ref ?? thread.ref });
    if (skipped) return "skipped";
    await ledger.alerts.channelWorked(notifier.name, clock.now());
    return "sent";
  } catch (error) {
    const isNew = await ledger.alerts.channelFailed(notifier.name, failureOf(error, redactor), clock.now());
    const tell = isNew ? log.error : log.warn;
    tell.call(log, "an alert could not be sent", { channel: notifier.name, error });
    return { failure: error ?? "unknown" };
  }
};

/** A channel that failed and has nothing left to tell is asked whether it is there; what it refused it must take. */
const listen = async ({ ledger, log }: World, notifier: Notifier): Promise<Outcome> => {
  const health = (await ledger.alerts.channels()).find(({ name }) => name === notifier.name);
  if (!health?.failingSince || health.refused || notifier.unprobed) return nothing;
  try {
    await notifier.probe();
    await ledger.alerts.channelReached(notifier.name);
    log.info("an alert channel is reached again", { channel: notifier.name });
  } catch (error) {
    log.warn("an alert channel is still not reached", { channel: notifier.name, error });
  }
  return nothing;
};
