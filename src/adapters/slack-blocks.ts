import { subjectOf } from "../alert/subject.ts";
import type { AlertMessage, AlertView } from "../model/alert.ts";

/** Block Kit: at most 50 blocks, 3,000 characters of a section, 150 of a header, 75 of a button, 3,000 of its address. */
const MOST = { header: 150, section: 3000, url: 3000, alerts: 12, fallback: 4000 } as const;

/** A message for Slack: `text` for notifications and screen readers, blocks for the eye. */
export const slackMessage = (message: AlertMessage) => {
  const one = subjectOf(message);
  return {
    text: slackText(`${message.title}\n${message.text}`),
    blocks: [
      { type: "header", text: plain(cut(`${signOf(message)} ${message.title}`, MOST.header)) },
      section(message.text),
      ...(one ? [contextOf(one), ...actionsOf(one)] : groupOf(message)),
    ],
    // Text of a value is never a link that Slack goes to look at.
    unfurl_links: false,
    unfurl_media: false,
  };
};

/**
 * What stands outside of blocks is read as Slack's markup: with its three signs escaped it can neither ring a channel
 * nor show a link as something else.
 */
export const slackText = (text: string): string => {
  const escaped = (most: number): string =>
    cut(text, most).replaceAll(/[&<>]/g, (sign) => ENTITIES[sign] ?? "");
  // An escaped sign is up to five characters long.
  return escaped(MOST.fallback).length <= MOST.fallback ? escaped(MOST.fallback) : escaped(MOST.fallback / 5);
};
const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

const signOf = ({ event, severity }: AlertMessage): string =>
  event === "ended" ? "✅" : event === "acknowledged" ? "👀" : SIGNS[severity];
const SIGNS = { info: "ℹ️", warning: "⚠️", error: "🟠", critical: "🚨" } as const;

const section = (text: string) => ({ type: "section", text: plain(cut(text, MOST.section)) });

/** Plain text has no markup, so that a live value can neither ring a channel nor show a link as something else. */
const plain = (text: string) => ({ type: "plain_text", text: text === "" ? "-" : text, emoji: false });

const contextOf = ({ workspace, severity, owners, acked }: AlertView, first: readonly string[] = []) => ({
  type: "context",
  elements: [
    plain(
      cut(
        [
          ...first,
          workspace,
          severity,
          ...(owners.length > 0 ? [`owned by ${owners.join(", ")}`] : []),
          ...(acked ? [`${acked.by} has it`] : []),
        ]
          .filter((part) => part !== "")
          .join(" · "),
        MOST.section,
      ),
    ),
  ],
});

const actionsOf = ({ links }: Pick<AlertView, "links">) => {
  const elements = links
    .filter(({ url }) => url.length <= MOST.url)
    .map(({ label, url }) => ({
      type: "button",
      text: plain(cut(label, 75)),
      url,
      action_id: `plumbline-${label.toLowerCase().replaceAll(" ", "-")}`.slice(0, 255),
    }));
  return elements.length === 0 ? [] : [{ type: "actions", elements }];
};

/** The page that lists all, then the worst of them, each with its own buttons. */
const groupOf = ({ alerts, links }: AlertMessage) => [
  ...actionsOf({ links }),
  ...alerts.slice(0, MOST.alerts).flatMap((alert) => {
    const buttons = actionsOf(alert);
    return buttons.length === 0 ? [] : [contextOf(alert, [alert.title]), ...buttons];
  }),
];

const cut = (text: string, most: number): string => {
  if (text.length <= most) return text;
  // Not in the middle of a character of two halves.
  return `${text.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, "")}…`;
};
