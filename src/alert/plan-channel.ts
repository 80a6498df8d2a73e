import { type AlertRules, type AlertThread, isAtLeast, type LiveAlert } from "../model/alert.ts";
import { followThread, type Told } from "./follow-thread.ts";
import { isQuiet, lastSlot } from "./quiet.ts";
import { type Way, wayTo } from "./route.ts";
import { type Leading, openThread, sealOf, worstFirst } from "./thread.ts";

export interface ChannelFacts extends Leading {
  readonly channel: string;
  readonly rules: AlertRules;
  /** Open ones, and those that ended within the time in which flapping is looked for. */
  readonly alerts: readonly LiveAlert[];
  /** Of this channel: open ones, and those of the same time. */
  readonly threads: readonly AlertThread[];
  readonly now: Date;
}

/**
 * All that a channel is to be told now: what was told and changed since, and what is new. Asked again after all was
 * said, nothing is left; what must wait (quiet hours, a digest, a snooze) is found again by the next question.
 */
export const planChannel = (facts: ChannelFacts): ChannelPlan => {
  const fresh = freshOf(facts);
  const joined = flapsIn(facts, fresh);
  const rest = fresh.filter(({ alert }) => !joined.has(alert.id));
  const opened = openingsOf(facts, rest);
  const grown = new Map([...opened.joining, ...joinersByThread(joined)]);
  const followed = facts.threads
    .filter(({ endedAt, kind }) => endedAt === null && kind !== "digest")
    .flatMap((thread) => followThread(facts, thread, grown.get(thread.key) ?? []));
  return { told: [...followed, ...opened.told], over: overDigests(facts) };
};

export interface ChannelPlan {
  readonly told: readonly Told[];
  /** Digests of which nothing is open any more: nothing is said of that. */
  readonly over: readonly AlertThread[];
}

const overDigests = ({ threads, alerts, now }: ChannelFacts): readonly AlertThread[] => {
  const open = new Set(alerts.flatMap(({ id, endedAt }) => (endedAt === null ? [id] : [])));
  return threads
    .filter(
      ({ kind, endedAt, alerts: ids }) =>
        kind === "digest" && endedAt === null && !ids.some((id) => open.has(id)),
    )
    .map((thread) => ({ ...thread, endedAt: now }));
};

interface Fresh {
  readonly alert: LiveAlert;
  readonly way: Exclude<Way, null>;
}

/** Open alerts that the channel was not told of, and that need not wait. */
const freshOf = ({ channel, rules, alerts, threads, now }: ChannelFacts): readonly Fresh[] => {
  const { digest } = rules;
  const told = new Set(threads.flatMap(({ kind, alerts: ids }) => (kind === "digest" ? [] : ids)));
  const read = new Set(threads.flatMap(({ kind, alerts: ids }) => (kind === "digest" ? ids : [])));
  return alerts.flatMap((alert) => {
    if (alert.endedAt !== null || told.has(alert.id)) return [];
    // What a digest told and is worse by now is told again.
    if (read.has(alert.id) && (digest === null || !isAtLeast(alert.severity, digest.below))) return [];
    if (alert.snoozedUntil !== null && alert.snoozedUntil > now) return [];
    const way = wayTo(channel, alert, rules.routes, now);
    return way === null ? [] : [{ alert, way }];
  });
};

/** Alerts that open again and again, by id with the thread that they belong to. */
const flapsIn = (facts: ChannelFacts, fresh: readonly Fresh[]): ReadonlyMap<string, AlertThread> => {
  const joined = new Map<string, AlertThread>();
  for (const { alert } of fresh) {
    const thread = facts.threads.find(
      ({ kind, endedAt, key }) =>
        kind === "flapping" && endedAt === null && key.startsWith(`${alert.fingerprint}:`),
    );
    if (thread) joined.set(alert.id, thread);
  }
  return joined;
};

const joinersByThread = (joined: ReadonlyMap<string, AlertThread>): Map<string, readonly string[]> => {
  const byThread = new Map<string, readonly string[]>();
  for (const [id, { key }] of joined) byThread.set(key, [...(byThread.get(key) ?? []), id]);
  return byThread;
};

interface Openings {
  readonly told: readonly Told[];
  /** Ids of alerts by the key of the storm that they join. */
  readonly joining: ReadonlyMap<string, readonly string[]>;
}

const openingsOf = (facts: ChannelFacts, fresh: readonly Fresh[]): Openings => {
  const { rules, now } = facts;
  const { digest } = rules;
  const loud = fresh.filter(
    ({ alert: { severity } }) =>
      (digest === null || isAtLeast(severity, digest.below)) && !isQuiet(rules.quiet, severity, now),
  );
  const told = digestNow(facts, fresh);
  if (loud.length === 0) return { told, joining: new Map() };
  const storm = stormNow(facts, loud);
  if (storm === "none")
    return { told: [...told, ...loud.map((one) => single(facts, one))], joining: new Map() };
  if (storm !== "new") return { told, joining: new Map([[storm.key, loud.map(({ alert }) => alert.id)]]) };
  const alerts = worstFirst(loud.map(({ alert }) => alert));
  const event = loud.every(({ way }) => way === "escalated") ? "escalated" : "opened";
  const key = `storm:${sealOf(alerts.map(({ id }) => id).toSorted())}`;
  return {
    told: [...told, openThread(facts, { key, kind: "storm", event, alerts })],
    joining: new Map(),
  };
};

const single = (facts: ChannelFacts, { alert, way }: Fresh): Told => {
  const lives = livesOf(facts, alert);
  const flaps = lives >= facts.rules.flap.times;
  return openThread(facts, {
    key: alert.id,
    kind: flaps ? "flapping" : "single",
    event: way === "escalated" ? "escalated" : "opened",
    alerts: [alert],
    ...(flaps ? { note: `Opened ${lives} times in a short while; its end is told once it stays calm.` } : {}),
  });
};

const livesOf = ({ alerts, rules, now }: ChannelFacts, { fingerprint }: LiveAlert): number =>
  alerts.filter(
    (one) => one.fingerprint === fingerprint && now.getTime() - one.openedAt.getTime() <= rules.flap.withinMs,
  ).length;

/** Too many at once, or too many after those of the last minutes: one message for all. */
const stormNow = (
  { threads, rules, now }: ChannelFacts,
  loud: readonly Fresh[],
): AlertThread | "new" | "none" => {
  const { most, withinMs } = rules.storm;
  const since = now.getTime() - withinMs;
  const recent = threads.filter(
    ({ kind, openedAt }) => (kind === "single" || kind === "flapping") && openedAt.getTime() > since,
  );
  const storm = threads.find(
    ({ kind, endedAt, toldAt }) => kind === "storm" && endedAt === null && toldAt.getTime() > since,
  );
  if (storm) return storm;
  return loud.length + recent.length > most ? "new" : "none";
};

/** Once a day: everything below the digest's severity that nobody was told of. */
const digestNow = (facts: ChannelFacts, fresh: readonly Fresh[]): readonly Told[] => {
  const { digest } = facts.rules;
  if (digest === null) return [];
  const waiting = fresh.filter(({ alert }) => !isAtLeast(alert.severity, digest.below));
  const slot = lastSlot(digest.at, digest.timezone, facts.now);
  const had = facts.threads.some(({ kind, openedAt }) => kind === "digest" && openedAt >= slot);
  // What opened after the slot waits for the next one.
  const due = waiting.filter(({ alert }) => alert.openedAt <= slot);
  if (had || due.length === 0) return [];
  const alerts = worstFirst(due.map(({ alert }) => alert));
  return [
    openThread(facts, { key: `digest:${slot.toISOString()}`, kind: "digest", event: "digest", alerts }),
  ];
};
