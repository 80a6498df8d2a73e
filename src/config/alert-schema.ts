import { z } from "zod";
import { ALERT_RULES, type AlertRules, SEVERITIES } from "../model/alert.ts";
import { durationOf } from "./duration.ts";
import { durationRule, filledRule, ruled } from "./leaf-rules.ts";
import { httpUrlRule, repoPatternRule, variableName } from "./server-rules.ts";

const severity = z.enum(SEVERITIES);
const names = z.array(filledRule).min(1);
const timeOfDay = ruled((text) =>
  minuteOf(text) === undefined ? "This is no time of day such as 22:00." : undefined,
);
const timezone = ruled((text) =>
  isTimezone(text) ? undefined : "This is no time zone such as Europe/Berlin.",
);
const nameRule = ruled((text) =>
  /^[a-z0-9][a-z0-9_-]{0,39}$/.test(text)
    ? undefined
    : "Write letters, digits, `-` and `_`, at most 40, in small letters.",
);
const mailRule = ruled((text) =>
  /^([^<>\r\n]* )?<?[^\s<>@,;"]+@[^\s<>@,;"]+>?$/.test(text) ? undefined : "This is no e-mail address.",
);

export const CHANNEL_TYPES = ["webhook", "slack", "slack-app", "pagerduty", "email", "issue"] as const;

export const alertChannelSchema = z.strictObject({
  type: z
    .enum(CHANNEL_TYPES)
    .describe("slack: an incoming webhook; slack-app: a bot that changes its messages in place."),
  name: nameRule.optional().describe("For routes and health; the type and its place where left out."),
  url: httpUrlRule
    .optional()
    .describe(
      "webhook: the receiver. pagerduty, slack-app: another address of the API, for an EU account or a proxy.",
    ),
  url_env: variableName
    .optional()
    .describe("webhook, slack: the variable that holds the address; for Slack it is a secret."),
  secret: filledRule.optional().describe("webhook: signs what is sent; `secret_env` is better."),
  secret_env: variableName.optional().describe("webhook: the variable that holds the secret."),
  token_env: variableName
    .optional()
    .describe("slack-app: the variable that holds the bot's token (chat:write)."),
  channel: filledRule.optional().describe("slack-app: id of the channel."),
  routing_key_env: variableName
    .optional()
    .describe("pagerduty: the variable that holds the integration's key (Events API v2)."),
  host: filledRule.optional().describe("email: the SMTP server."),
  port: z.int().min(1).max(65_535).optional().describe("email: 587 where left out, 465 with `tls`."),
  tls: z.boolean().optional().describe("email: TLS from the first byte; else STARTTLS is demanded."),
  insecure: z.boolean().optional().describe("email: without any TLS, for a relay on the same machine."),
  user: filledRule.optional().describe("email: login."),
  password_env: variableName.optional().describe("email: the variable that holds the password."),
  from: mailRule.optional().describe("email: sender."),
  to: z.array(mailRule).min(1).optional().describe("email: receivers."),
  repo: repoPatternRule
    .optional()
    .describe("issue: OWNER/REPO; the repository of the alert's workspace where left out."),
});

export const alertsSchema = z
  .strictObject({
    channels: z.array(alertChannelSchema).optional().describe("Where alerts go."),
    gather: durationRule
      .optional()
      .describe("How long a channel waits for what comes together: 20s where left out."),
    routes: z
      .array(
        z.strictObject({
          owners: names
            .optional()
            .describe("Owners of the workspace, with `*` for anything; any where left out."),
          workspaces: names
            .optional()
            .describe("Keys of workspaces, with `*` for anything; any where left out."),
          severity: severity.optional().describe("At least this; info where left out."),
          after: durationRule
            .optional()
            .describe("Only what is open for so long and that nobody acknowledged: an escalation."),
          channels: z.array(filledRule).min(1).describe("Names of channels."),
        }),
      )
      .optional()
      .describe(
        "All that fit count. What no route takes goes to every channel that is not kept for escalation.",
      ),
    quiet_hours: z
      .array(
        z.strictObject({
          from: timeOfDay.describe("Such as 22:00."),
          to: timeOfDay.describe("Such as 07:00, on the next day where it is earlier."),
          days: z
            .array(z.enum(["sun", "mon", "tue", "wed", "thu", "fri", "sat"]))
            .min(1)
            .optional()
            .describe("Days on which they begin; every day where left out."),
          timezone: timezone.optional().describe("UTC where left out."),
          below: severity
            .optional()
            .describe("What is at least this is told all the same: critical where left out."),
        }),
      )
      .optional()
      .describe("Times in which alerts are held, and told when they are over."),
    digest: z
      .strictObject({
        at: timeOfDay.describe("Such as 09:00."),
        timezone: timezone.optional().describe("UTC where left out."),
        below: severity
          .optional()
          .describe("What is below this waits for the digest: warning where left out."),
      })
      .optional()
      .describe("One message a day for what is not urgent; all is told at once where left out."),
    storm: z
      .strictObject({
        most: z
          .int()
          .min(1)
          .max(1000)
          .optional()
          .describe("Messages of their own within that time: 10 where left out."),
        within: durationRule.optional().describe("10m where left out."),
      })
      .optional()
      .describe("When all that is more becomes one message."),
    flapping: z
      .strictObject({
        times: z.int().min(2).max(1000).optional().describe("4 where left out."),
        within: durationRule.optional().describe("24h where left out."),
        calm: durationRule
          .optional()
          .describe("How long it must stay ended until that is told: 1h where left out."),
      })
      .optional()
      .describe("What opens so often is told once, and its end when it stays."),
    remind: z
      .strictObject({
        critical: durationRule.optional().describe("Such as 4h; never where left out."),
        error: durationRule.optional().describe("Such as 4h; never where left out."),
        warning: durationRule.optional().describe("Such as 4h; never where left out."),
        info: durationRule.optional().describe("Such as 4h; never where left out."),
      })
      .optional()
      .describe("After how long an alert that nobody acknowledged is told again; never where left out."),
  })
  .describe("Alerts about drift, policies and replicas (docs/alerts.md). A list is read as `channels`.");

export type AlertsYaml = z.infer<typeof alertsSchema>;

const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

export const alertRulesOf = (yaml: AlertsYaml): AlertRules => {
  const plain = ALERT_RULES;
  const digest = yaml.digest;
  return {
    gatherMs: durationOf(yaml.gather) ?? plain.gatherMs,
    routes: (yaml.routes ?? []).map((route) => ({
      owners: route.owners ?? null,
      workspaces: route.workspaces ?? null,
      severity: route.severity ?? "info",
      afterMs: durationOf(route.after) ?? null,
      channels: route.channels,
    })),
    quiet: (yaml.quiet_hours ?? []).map((hours) => ({
      ...{ from: minuteOf(hours.from) ?? 0, to: minuteOf(hours.to) ?? 0 },
      days: (hours.days ?? DAYS).map((day) => DAYS.indexOf(day)),
      ...{ timezone: hours.timezone ?? "UTC", below: hours.below ?? "critical" },
    })),
    digest: digest
      ? { at: minuteOf(digest.at) ?? 0, timezone: digest.timezone ?? "UTC", below: digest.below ?? "warning" }
      : null,
    storm: {
      most: yaml.storm?.most ?? plain.storm.most,
      withinMs: durationOf(yaml.storm?.within) ?? plain.storm.withinMs,
    },
    flap: {
      times: yaml.flapping?.times ?? plain.flap.times,
      withinMs: durationOf(yaml.flapping?.within) ?? plain.flap.withinMs,
      calmMs: durationOf(yaml.flapping?.calm) ?? plain.flap.calmMs,
    },
    remindMs: Object.fromEntries(
      SEVERITIES.flatMap((level) => {
        const after = durationOf(yaml.remind?.[level]);
        return after === undefined ? [] : [[level, after]];
      }),
    ),
  };
};

const minuteOf = (text: string): number | undefined => {
  const [, hour, minute] = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text) ?? [];
  return hour === undefined ? undefined : Number(hour) * 60 + Number(minute);
};

const isTimezone = (text: string): boolean => {
  try {
    new Intl.DateTimeFormat("en", { timeZone: text });
    return true;
  } catch {
    return false;
  }
};
