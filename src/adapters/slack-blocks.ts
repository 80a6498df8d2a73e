import type { AlertMessage, AlertView } from "../model/alert.ts";

/** Block Kit: at most 50 blocks, 3,000 characters of a section, 150 of a header, 75 of a button, 3,000 of its address. */
const MOST = { header: 150, section: 3000, url: 3000, alerts: 12, fallback: 4000 } as const;

/** A message for Slack: `text` for notifications and screen readers, blocks for the eye. */
export const slackMessage = (message: AlertMessage) => {
  const isOne = message.alerts.length === 1;
  const [first] = message.alerts;
  return {
    text: cut(`${message.title}\n${message.text}`, MOST.fallback),
    blocks: [
      { type: "header", text: plain(cut(`${signOf(message)} ${message.title}`, MOST.header)) },
      section(message.text),
      ...(isOne && first ? [contextOf(first), ...actionsOf(first)] : groupOf(message)),
    ],
    // Text of a value is never a link that Slack goes to look at.
    unfurl_links: false,
    unfurl_media: false,
  };
};

const signOf = ({ event, severity }: AlertMessage): string =>
  event === "ended" ? "✅" : event === "acknowledged" ? "👀" : SIGNS[severity];
const SIGNS = { info: "ℹ️", warning: "⚠️", error: "🟠", critical: "🚨" } as const;

const section = (text: string) => ({ type: "section", text: plain(cut(text, MOST.section)) });

/** Plain text has no markup, so that a live value can neither ring a channel nor show a link as something else. */
const plain = (text: string) => ({ type: "plain_text", text: text === "" ? "-" : text, emoji: true });

const contextOf = ({ workspace, severity, owners, acked }: AlertView) => ({
  type: "context",
  elements: [
    plain(
      cut(
        [
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

const actionsOf = ({ links }: AlertView) => {
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

/** The worst of a storm, each with its own buttons. */
const groupOf = ({ alerts }: AlertMessage) =>
  alerts.slice(0, MOST.alerts).flatMap((alert) => {
    const buttons = actionsOf(alert);
    return buttons.length === 0 ? [] : [{ ...contextOf(alert) }, ...buttons];
  });

const cut = (text: string, most: number): string => {
  if (text.length <= most) return text;
  // Not in the middle of a character of two halves.
  return `${text.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, "")}…`;
};
