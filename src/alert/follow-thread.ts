import { type AlertRules, type AlertThread, isAtLeast, type LiveAlert } from "../model/alert.ts";
import { isQuiet } from "./quiet.ts";
import { type Leading, messageOf, type Told, threadSeal, worstFirst, worstSeverity } from "./thread.ts";

export type { Told } from "./thread.ts";

interface Facts extends Leading {
  readonly channel: string;
  readonly rules: AlertRules;
  readonly alerts: readonly LiveAlert[];
  readonly now: Date;
}

/** What is to be said in a thread that is open: its end, that somebody has it, that it changed, or that it still is. */
export const followThread = (
  facts: Facts,
  before: AlertThread,
  joining: readonly string[],
): readonly Told[] => {
  const ids = [...before.alerts, ...joining];
  const alerts = worstFirst(facts.alerts.filter(({ id }) => ids.includes(id)));
  const severity = worstSeverity(alerts);
  const thread: AlertThread = {
    ...{ ...before, alerts: ids, severity, seal: threadSeal(alerts) },
    isAcked: alerts.filter(({ endedAt }) => endedAt === null).every(({ acked }) => acked !== null),
  };
  // Its alerts were removed with the records of their time.
  if (alerts.length === 0) return [say(facts, { ...thread, endedAt: facts.now }, "ended", [], true)];
  if (alerts.every(({ endedAt }) => endedAt !== null)) return ending(facts, before, thread, alerts);
  if (thread.isAcked && !before.isAcked) return [say(facts, thread, "acknowledged", alerts, true)];
  if (thread.seal !== before.seal) {
    const isWorse = !isAtLeast(before.severity, severity);
    // Held as a new one is: said quietly now, it would ring nobody in the morning either.
    if (isWorse && isQuiet(facts.rules.quiet, severity, facts.now)) return [];
    return [say(facts, rung(facts, thread, isWorse), "updated", alerts, !isWorse)];
  }
  return reminder(facts, thread, alerts);
};

const ending = (
  facts: Facts,
  before: AlertThread,
  thread: AlertThread,
  alerts: readonly LiveAlert[],
): readonly Told[] => {
  const last = Math.max(...alerts.map(({ endedAt }) => endedAt?.getTime() ?? 0));
  const isCalm = facts.now.getTime() - last >= facts.rules.flap.calmMs;
  if (thread.kind === "flapping" && !isCalm) {
    // That it joined is kept; nobody is told of each turn.
    return before.alerts.length === thread.alerts.length ? [] : [say(facts, thread, "updated", alerts, true)];
  }
  return [say(facts, { ...thread, endedAt: facts.now }, "ended", alerts, false)];
};

const reminder = (facts: Facts, thread: AlertThread, alerts: readonly LiveAlert[]): readonly Told[] => {
  const { rules, now } = facts;
  const after = rules.remindMs[thread.severity];
  const waits = alerts.some(({ snoozedUntil }) => snoozedUntil !== null && snoozedUntil > now);
  if (after === undefined || thread.isAcked || waits || isQuiet(rules.quiet, thread.severity, now)) return [];
  if (now.getTime() - thread.toldAt.getTime() < after) return [];
  const again = { ...rung(facts, thread, true), reminders: thread.reminders + 1 };
  return [say(facts, again, "reminded", alerts, false)];
};

const rung = ({ now }: Facts, thread: AlertThread, rings: boolean): AlertThread =>
  rings ? { ...thread, toldAt: now } : thread;

const say = (
  facts: Facts,
  thread: AlertThread,
  event: "ended" | "acknowledged" | "updated" | "reminded",
  alerts: readonly LiveAlert[],
  isQuiet: boolean,
): Told => ({ thread, message: messageOf(facts, thread, { event, alerts, isQuiet }) });
