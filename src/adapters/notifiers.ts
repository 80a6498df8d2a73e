import { type AlertChannel, channelNames } from "../model/alert.ts";
import type { Clock } from "../ports/clock.ts";
import type { Forge } from "../ports/forge.ts";
import type { Notifier } from "../ports/notify.ts";
import { issueNotifier } from "./notify-issue.ts";
import { mailNotifier } from "./notify-mail.ts";
import { pagerDutyNotifier } from "./notify-pagerduty.ts";
import { slackAppNotifier, slackHookNotifier } from "./notify-slack.ts";
import { webhookNotifier } from "./notify-webhook.ts";

export interface NotifierParts {
  readonly clock: Pick<Clock, "now">;
  readonly forge: Pick<Forge, "upsertIssue" | "closeIssue" | "defaultBranch">;
}

/** Every configured channel by its name. */
export const createNotifiers = (
  channels: readonly AlertChannel[],
  parts: NotifierParts,
): readonly Notifier[] => {
  const names = channelNames(channels);
  return channels.map((channel, index) => notifierOf(channel, names[index] ?? channel.type, parts));
};

const notifierOf = (channel: AlertChannel, name: string, { clock, forge }: NotifierParts): Notifier => {
  switch (channel.type) {
    case "webhook":
      return webhookNotifier({ ...channel, name, clock });
    case "slack":
      return slackHookNotifier({ ...channel, name });
    case "slack-app":
      return slackAppNotifier({ ...channel, name });
    case "pagerduty":
      return pagerDutyNotifier({ ...channel, name, source: "plumbline" });
    case "email":
      return mailNotifier({ ...channel, name });
    case "issue":
      return issueNotifier({ ...channel, name, forge });
  }
};
