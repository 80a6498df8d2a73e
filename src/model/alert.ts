import { isJsonObject, type Json } from "./json.ts";

/** From least to worst; the words are those of PagerDuty's events. */
export const SEVERITIES = ["info", "warning", "error", "critical"] as const;
export type Severity = (typeof SEVERITIES)[number];

/** So many steps up, at most to the worst. */
export const raised = (severity: Severity, steps: number): Severity =>
  SEVERITIES[Math.min(SEVERITIES.indexOf(severity) + steps, SEVERITIES.length - 1)] ?? severity;

export const isAtLeast = (severity: Severity, least: Severity): boolean =>
  SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(least);

/** Who did something outside of Git, as far as an audit log tells. */
export interface Actor {
  readonly who: string;
  readonly at: Date;
  /** The call, as the log names it: `ModifyDBInstance`. */
  readonly action: string;
  /** exact: a writing call that names the resource; guess: the last one of its service at that time. */
  readonly confidence: "exact" | "guess";
  /** Name of the log. */
  readonly source: string;
}

/** Where the ledger keeps who made a finding. */
export const actorKey = (
  workspace: string,
  { address, path }: { readonly address: string; readonly path: string },
  fingerprint: string,
): string => `actor:${workspace}:${address}:${path}:${fingerprint}`;

/** Null where nobody is known. */
export const readActor = (kept: Json | undefined): Actor | null => {
  if (!isJsonObject(kept)) return null;
  const { who, at, action, confidence, source } = kept;
  if (who === undefined) return null;
  return {
    ...{ who: String(who), at: new Date(String(at)), action: String(action) },
    ...{ confidence: confidence as Actor["confidence"], source: String(source) },
  };
};

/** What audit logs said of one finding so far: they learn of a call minutes after it. */
export interface ActorAnswer {
  readonly actor: Actor | null;
  /** Start of the last look that did not see the change. */
  readonly from: Date;
  readonly asks: number;
  /** When they were asked last. */
  readonly askedAt: Date;
}

export const writeAnswer = ({ actor, from, asks, askedAt }: ActorAnswer): Json => ({
  ...(actor === null ? {} : { ...actor, at: actor.at.toISOString() }),
  asked: { from: from.toISOString(), asks, at: askedAt.toISOString() },
});

/** Null where they were never asked. */
export const readAnswer = (kept: Json | undefined): ActorAnswer | null => {
  const actor = readActor(kept);
  const asked = isJsonObject(kept) ? kept["asked"] : undefined;
  // Kept by a version that asked once.
  if (!isJsonObject(asked)) return actor && { actor, from: actor.at, asks: 1, askedAt: actor.at };
  const [from, askedAt] = [new Date(String(asked["from"])), new Date(String(asked["at"]))];
  return { actor, from, asks: Number(asked["asks"]), askedAt };
};

/** One alert as the ledger keeps it: one life of one thing that is wrong. */
export interface AlertRecord {
  /** Fingerprint and life; a finding that opens again is another one. */
  readonly id: string;
  readonly fingerprint: string;
  /** Empty where it is about the service itself. */
  readonly workspace: string;
  readonly severity: Severity;
  readonly owners: readonly string[];
  readonly title: string;
  readonly text: string;
  /** Where to act: the drift pull request. */
  readonly url: string | null;
  readonly who: string | null;
  readonly openedAt: Date;
  readonly endedAt: Date | null;
  /** Said at the end. */
  readonly ending: { readonly title: string; readonly text: string } | null;
}

/** With the marks that people set on its finding since. */
export interface LiveAlert extends AlertRecord {
  /** Of the open finding in the read model; null where it is about none. */
  readonly finding: number | null;
  readonly acked: { readonly by: string; readonly at: Date } | null;
  readonly snoozedUntil: Date | null;
}

export interface AlertLink {
  readonly label: string;
  readonly url: string;
}

/** One alert as a channel shows it. */
export interface AlertView
  extends Pick<
    LiveAlert,
    "id" | "fingerprint" | "workspace" | "severity" | "owners" | "title" | "text" | "who" | "openedAt"
  > {
  readonly endedAt: Date | null;
  readonly acked: { readonly by: string } | null;
  readonly links: readonly AlertLink[];
}

/** What was told in one place of a channel: an alert, a storm of them, or a digest. */
export interface AlertThread {
  readonly channel: string;
  readonly key: string;
  readonly kind: "single" | "flapping" | "storm" | "digest";
  /** Ids of its alerts. */
  readonly alerts: readonly string[];
  /** What the channel calls it, for changes in place; null where it has no such thing. */
  readonly ref: string | null;
  /** Seal of what was last shown. */
  readonly seal: string;
  readonly severity: Severity;
  readonly isAcked: boolean;
  readonly reminders: number;
  /** Told here since nobody had taken it in time. */
  readonly isEscalated?: boolean;
  readonly openedAt: Date;
  /** When somebody was last rung. */
  readonly toldAt: Date;
  readonly endedAt: Date | null;
}

export type AlertEvent =
  | "opened"
  | "updated"
  | "acknowledged"
  | "reminded"
  | "escalated"
  | "ended"
  | "digest"
  | "test";

/** What a channel is to say. */
export interface AlertMessage {
  /** The same for every try of it. */
  readonly key: string;
  /** The same for everything about one thread. */
  readonly thread: string;
  readonly kind: AlertThread["kind"];
  readonly event: AlertEvent;
  /** Changes what stands there; nobody is rung. */
  readonly isQuiet: boolean;
  readonly severity: Severity;
  /** The same, one step up for an escalation and for every reminder: how loud a pager is to be. */
  readonly urgency: Severity;
  readonly title: string;
  readonly text: string;
  /** The worst first; one, unless it is a storm, a digest or several lives of what flaps. */
  readonly alerts: readonly AlertView[];
  /** Of one alert, where to act on it; of several, the page that lists them. */
  readonly links: readonly AlertLink[];
  readonly ref: string | null;
  readonly at: Date;
}

/** A configured channel, for people. */
export interface ChannelView extends ChannelHealth {
  readonly type: AlertChannel["type"];
}

/** How a channel fares, over all replicas. */
export interface ChannelHealth {
  readonly name: string;
  readonly failingSince: Date | null;
  readonly error: string | null;
  readonly lastOkAt: Date | null;
  /** Failed tries since it last worked. */
  readonly failures: number;
  /** Its receiver is there and refused the last message: only a message that goes through ends that. */
  readonly refused: boolean;
}

export type AlertChannel =
  | WebhookChannel
  | SlackHookChannel
  | SlackAppChannel
  | PagerDutyChannel
  | MailChannel
  | IssueChannel;

interface NamedChannel {
  /** By its type and place where left out. */
  readonly name?: string;
}
export interface WebhookChannel extends NamedChannel {
  readonly type: "webhook";
  readonly url: string;
  readonly secret: string | null;
}
export interface SlackHookChannel extends NamedChannel {
  readonly type: "slack";
  readonly url: string;
}
export interface SlackAppChannel extends NamedChannel {
  readonly type: "slack-app";
  readonly token: string;
  readonly channel: string;
  readonly apiUrl: string;
}
export interface PagerDutyChannel extends NamedChannel {
  readonly type: "pagerduty";
  readonly routingKey: string;
  readonly url: string;
}
export interface MailChannel extends NamedChannel {
  readonly type: "email";
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte; STARTTLS is used where offered, and demanded unless `insecure`. */
  readonly isTls: boolean;
  readonly isInsecure: boolean;
  readonly user: string | null;
  readonly password: string | null;
  readonly from: string;
  readonly to: readonly string[];
}
export interface IssueChannel extends NamedChannel {
  readonly type: "issue";
  /** Null: the repository of the alert's workspace. */
  readonly repo: string | null;
}

/** Which alerts go where, beside what no route takes, which goes everywhere. */
export interface AlertRoute {
  /** Patterns with `*`; null: any. */
  readonly owners: readonly string[] | null;
  readonly workspaces: readonly string[] | null;
  readonly severity: Severity;
  /** Only what is open and unacknowledged for so long: an escalation. */
  readonly afterMs: number | null;
  readonly channels: readonly string[];
}

export interface QuietHours {
  /** Minutes of the day; over midnight where `from` is later than `to`. */
  readonly from: number;
  readonly to: number;
  /** 0 is Sunday; the day on which the quiet hours begin. */
  readonly days: readonly number[];
  readonly timezone: string;
  /** What is at least this is told all the same. */
  readonly below: Severity;
}

export interface AlertRules {
  /** Waited before a channel is told, so that one look's or one minute's alerts come together. */
  readonly gatherMs: number;
  readonly routes: readonly AlertRoute[];
  readonly quiet: readonly QuietHours[];
  /** Once a day, what is below a severity. */
  readonly digest: { readonly at: number; readonly timezone: string; readonly below: Severity } | null;
  readonly storm: { readonly most: number; readonly withinMs: number };
  /** A finding that opens so often within a time is one that flaps, until it is calm for a while. */
  readonly flap: { readonly times: number; readonly withinMs: number; readonly calmMs: number };
  /** How long until somebody is rung again, by severity. */
  readonly remindMs: Readonly<Partial<Record<Severity, number>>>;
}

export const ALERT_RULES: AlertRules = {
  gatherMs: 20_000,
  routes: [],
  quiet: [],
  digest: null,
  storm: { most: 10, withinMs: 10 * 60_000 },
  flap: { times: 4, withinMs: 24 * 3_600_000, calmMs: 3_600_000 },
  remindMs: {},
};

/** Unique, in the order of the file. */
export const channelNames = (channels: readonly AlertChannel[]): readonly string[] =>
  channels.map(({ name, type }, index) => name ?? `${type}-${index + 1}`);
