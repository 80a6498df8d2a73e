import { type AlertEvent, type AlertThread, type LiveAlert, SEVERITIES } from "../model/alert.ts";

type Kind = AlertThread["kind"];

/** One line: a single alert's own title, or how many there are and the worst of them. */
export const titleOf = (kind: Kind, event: AlertEvent, alerts: readonly LiveAlert[]): string => {
  const [first] = alerts;
  if (kind === "storm" || kind === "digest") return groupTitle(kind, event, alerts);
  if (!first) return "";
  if (event === "ended") return first.ending?.title ?? `Ended: ${first.title}`;
  const prefix = PREFIXES[event] ?? "";
  return `${kind === "flapping" ? "Flapping: " : ""}${prefix}${first.title}`;
};

const PREFIXES: Readonly<Partial<Record<AlertEvent, string>>> = {
  reminded: "Still open: ",
  escalated: "Nobody took it: ",
};

const groupTitle = (kind: Kind, event: AlertEvent, alerts: readonly LiveAlert[]): string => {
  const open = alerts.filter(({ endedAt }) => endedAt === null);
  if (event === "ended") return `Ended: all ${alerts.length} alerts`;
  const places = new Set(open.map(({ workspace }) => workspace)).size;
  const where = places === 1 ? "one workspace" : `${places} workspaces`;
  const prefix = PREFIXES[event] ?? "";
  return `${prefix}${kind === "digest" ? "Digest: " : ""}${open.length} ${open.length === 1 ? "alert" : "alerts"} in ${where}`;
};

/** A few lines of plain text. */
export const textOf = (kind: Kind, event: AlertEvent, alerts: readonly LiveAlert[], now: Date): string => {
  const [first] = alerts;
  if (!first) return "";
  if (kind === "storm" || kind === "digest") return groupText(alerts);
  if (event === "ended") return first.ending?.text ?? first.text;
  const age =
    event === "reminded" || event === "escalated" ? [`Open for ${ageText(now, first.openedAt)}.`] : [];
  const who = first.who === null ? [] : [`By ${oneLine(first.who)}.`];
  const acked = first.acked === null ? [] : [`${oneLine(first.acked.by)} has it in hand.`];
  return [first.text, ...who, ...age, ...acked].join("\n");
};

const MOST_LINES = 20;

/** How many of each severity, then the worst ones by name. */
const groupText = (alerts: readonly LiveAlert[]): string => {
  const open = alerts.filter(({ endedAt }) => endedAt === null);
  const counts = SEVERITIES.toReversed().flatMap((severity) => {
    const count = open.filter((alert) => alert.severity === severity).length;
    return count === 0 ? [] : [`${count} ${severity}`];
  });
  const shown = open.slice(0, MOST_LINES);
  const ended = alerts.length - open.length;
  return [
    ...(counts.length > 0 ? [`${counts.join(", ")}.`] : []),
    ...shown.map(({ severity, workspace, title }) => oneLine(`- [${severity}] ${workspace}: ${title}`)),
    ...(open.length > shown.length ? [`- and ${open.length - shown.length} more`] : []),
    ...(ended > 0 ? [`${ended} of ${alerts.length} ended.`] : []),
  ].join("\n");
};

/** What somebody named must not look like a line of ours. */
const oneLine = (text: string): string => text.replaceAll(/\s+/g, " ").trim();

export const ageText = (now: Date, since: Date): string => {
  const minutes = Math.max(0, Math.floor((now.getTime() - since.getTime()) / 60_000));
  if (minutes < 120) return `${minutes} min`;
  return minutes < 48 * 60 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 1440)} days`;
};
