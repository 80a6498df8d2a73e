import { createHash } from "node:crypto";
import {
  type AlertEvent,
  type AlertLink,
  type AlertMessage,
  type AlertThread,
  type AlertView,
  isAtLeast,
  type LiveAlert,
  raised,
  SEVERITIES,
  type Severity,
} from "../model/alert.ts";
import { isAboutOne } from "./subject.ts";
import { textOf, titleOf } from "./words.ts";

/** Where people are led. */
export interface Leading {
  readonly linksOf: (alert: LiveAlert) => readonly AlertLink[];
  /** The page that lists what a message tells of; null where the service has no address. */
  readonly listOf: (thread: Pick<AlertThread, "channel" | "key">) => string | null;
}

/** A message, and the thread as it is once it was said (`ref` apart, which the channel gives). */
export interface Told {
  readonly thread: AlertThread;
  readonly message: AlertMessage;
}

interface Around extends Leading {
  readonly channel: string;
  readonly now: Date;
}

export interface Opening {
  readonly key: string;
  readonly kind: AlertThread["kind"];
  readonly event: AlertEvent;
  readonly alerts: readonly LiveAlert[];
  readonly note?: string;
}

export const openThread = (around: Around, opening: Opening): Told => {
  const thread: AlertThread = {
    channel: around.channel,
    key: opening.key,
    kind: opening.kind,
    alerts: opening.alerts.map(({ id }) => id),
    ref: null,
    seal: threadSeal(opening.alerts),
    severity: worstSeverity(opening.alerts),
    isAcked: opening.alerts.every(({ acked }) => acked !== null),
    reminders: 0,
    ...(opening.event === "escalated" ? { isEscalated: true } : {}),
    openedAt: around.now,
    toldAt: around.now,
    endedAt: null,
  };
  return { thread, message: messageOf(around, thread, { ...opening, isQuiet: false }) };
};

export const messageOf = (
  around: Leading & Pick<Around, "now">,
  thread: AlertThread,
  said: Pick<Opening, "event" | "alerts" | "note"> & { readonly isQuiet: boolean },
): AlertMessage => {
  const alerts = worstFirst(said.alerts);
  const views = alerts.map((alert) => viewOf(alert, around));
  const number =
    said.event === "reminded" ? `:${thread.reminders}` : said.event === "updated" ? `:${thread.seal}` : "";
  return {
    key: `${thread.key}:${said.event}${number}`,
    thread: thread.key,
    kind: thread.kind,
    event: said.event,
    isQuiet: said.isQuiet,
    severity: thread.severity,
    urgency: raised(thread.severity, thread.reminders + (thread.isEscalated ? 1 : 0)),
    title: titleOf(thread.kind, said.event, alerts),
    text: [textOf(thread.kind, said.event, alerts, around.now), ...(said.note ? [said.note] : [])].join("\n"),
    alerts: views,
    links: isAboutOne(thread) ? (views[0]?.links ?? []) : listLinks(around, thread, alerts),
    ref: thread.ref,
    at: around.now,
  };
};

/** What is not about findings (a silent replica, policies) is on no such page. */
const listLinks = (
  { listOf }: Leading,
  thread: AlertThread,
  alerts: readonly LiveAlert[],
): readonly AlertLink[] => {
  const listed = alerts.filter(({ endedAt, finding }) => endedAt === null && finding !== null).length;
  const url = listed === 0 ? null : listOf(thread);
  return url === null ? [] : [{ label: listed === 1 ? "Show it" : `Show all ${listed}`, url }];
};

const viewOf = (alert: LiveAlert, { linksOf }: Leading): AlertView => {
  const { id, fingerprint, workspace, severity, owners, title, text, who, openedAt, endedAt, acked } = alert;
  const links = linksOf(alert);
  return { id, fingerprint, workspace, severity, owners, title, text, who, openedAt, endedAt, acked, links };
};

/** What a thread shows; where it is the same, nothing is to be changed. */
export const threadSeal = (alerts: readonly LiveAlert[]): string =>
  sealOf(
    alerts
      .map(({ id, title, text, severity, who, url, endedAt, acked }) =>
        JSON.stringify([id, title, text, severity, who, url, endedAt, acked?.by ?? null]),
      )
      .toSorted(),
  );

export const sealOf = (texts: readonly string[]): string =>
  createHash("sha256").update(texts.join("\0")).digest("hex").slice(0, 32);

/** Open ones first, then by severity, the oldest first. */
export const worstFirst = (alerts: readonly LiveAlert[]): readonly LiveAlert[] =>
  alerts.toSorted(
    (left, right) =>
      Number(left.endedAt !== null) - Number(right.endedAt !== null) ||
      SEVERITIES.indexOf(right.severity) - SEVERITIES.indexOf(left.severity) ||
      left.openedAt.getTime() - right.openedAt.getTime() ||
      (left.id < right.id ? -1 : 1),
  );

export const worstSeverity = (alerts: readonly LiveAlert[]): Severity => {
  const open = alerts.filter(({ endedAt }) => endedAt === null);
  return (open.length > 0 ? open : alerts).reduce<Severity>(
    (worst, { severity }) => (isAtLeast(severity, worst) ? severity : worst),
    "info",
  );
};
