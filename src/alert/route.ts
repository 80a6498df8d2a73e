import { type AlertRoute, isAtLeast, type LiveAlert } from "../model/alert.ts";

/** Why a channel is told of an alert: by a route at once, by its age, or not at all. */
export type Way = "at-once" | "escalated" | null;

/**
 * All routes that fit count. What none takes at once goes to every channel, unless routes keep the channel for what is
 * old: no alert is lost for want of a route.
 */
export const wayTo = (channel: string, alert: LiveAlert, routes: readonly AlertRoute[], now: Date): Way => {
  const fitting = routes.filter((route) => fits(route, alert));
  const atOnce = fitting.filter(({ afterMs }) => afterMs === null);
  if (atOnce.some(({ channels }) => channels.includes(channel))) return "at-once";
  if (atOnce.length === 0 && !isKeptForEscalation(channel, routes)) return "at-once";
  const age = now.getTime() - alert.openedAt.getTime();
  const isOld = fitting.some(
    ({ afterMs, channels }) => afterMs !== null && channels.includes(channel) && age >= afterMs,
  );
  return isOld && alert.acked === null ? "escalated" : null;
};

const fits = ({ owners, workspaces, severity }: AlertRoute, alert: LiveAlert): boolean =>
  isAtLeast(alert.severity, severity) &&
  (owners === null || owners.some((pattern) => alert.owners.some((owner) => covers(pattern, owner)))) &&
  (workspaces === null || workspaces.some((pattern) => covers(pattern, alert.workspace)));

const isKeptForEscalation = (channel: string, routes: readonly AlertRoute[]): boolean => {
  const naming = routes.filter(({ channels }) => channels.includes(channel));
  return naming.length > 0 && naming.every(({ afterMs }) => afterMs !== null);
};

/** Owners are written with and without `@`, whatever their case. */
const covers = (pattern: string, text: string): boolean => {
  const parts = bare(pattern)
    .split("*")
    .map((part) => part.replaceAll(/[\\^$.|?+()[\]{}]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "is").test(bare(text));
};

const bare = (text: string): string => text.replace(/^@/, "");
