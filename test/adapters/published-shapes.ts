import { readFileSync } from "node:fs";
import { Ajv, type ValidateFunction } from "ajv";
import formats from "ajv-formats";

/**
 * What the receivers of alerts publish of what they take, as JSON Schemas of our own over the parts that we send, and
 * tighter than theirs: a field that we never meant to send is a problem.
 *
 * - PagerDuty: fields, words and what is required as in `reference/events-v2/openapiv3.json` of github.com/PagerDuty/api-schema
 *   (commit 5cd58ff2; that repository names no licence, so nothing of it is kept here); lengths by
 *   developer.pagerduty.com/docs/events-api-v2-overview.
 * - Slack: blocks and their limits as in `packages/types/src/block-kit` of github.com/slackapi/node-slack-sdk (MIT,
 *   commits 26af43f3 and 199a3eb5) and docs.slack.dev/reference/block-kit; there is no JSON Schema of either.
 * - Our own webhook: `schemas/alert.schema.json`, as it is published.
 */
const ajv = new Ajv({ strict: true, strictRequired: false, allErrors: true });
formats.default(ajv);

const text = (most: number, least = 1) => ({ type: "string", minLength: least, maxLength: most });
const closed = (required: readonly string[], properties: object, more: object = {}) => ({
  type: "object",
  additionalProperties: false,
  ...{ required, properties },
  ...more,
});
const https = (most: number) => ({ ...text(most), format: "uri", pattern: "^https?://" });

const event = {
  routing_key: { type: "string", pattern: "^[0-9a-zA-Z]{32}$" },
  dedup_key: text(255),
};
const payload = closed(["summary", "severity", "source"], {
  summary: text(1024),
  severity: { enum: ["critical", "error", "warning", "info"] },
  source: text(1024),
  timestamp: { type: "string", format: "date-time" },
  component: text(1024),
  group: text(1024),
  class: text(1024),
  custom_details: { type: "object" },
});
const links = { type: "array", items: closed(["href"], { href: https(3000), text: text(1024) }) };

export const pagerDutyEvent = ajv.compile({
  oneOf: [
    closed(["routing_key", "event_action", "dedup_key", "payload"], {
      ...{ ...event, payload, links, event_action: { const: "trigger" } },
      ...{ client: text(1024), client_url: https(3000) },
    }),
    closed(["routing_key", "event_action", "dedup_key"], {
      ...{ ...event, event_action: { enum: ["acknowledge", "resolve"] } },
    }),
  ],
});

/** Only plain text: a live value must neither ring a channel nor show a link as something else. */
const plain = (most: number) =>
  closed(["type", "text"], { type: { const: "plain_text" }, text: text(most), emoji: { type: "boolean" } });
const button = closed(["type", "text", "action_id"], {
  ...{ type: { const: "button" }, text: plain(75), url: https(3000), action_id: text(255) },
});
const block = (type: string, rest: Record<string, object>) =>
  closed(["type", ...Object.keys(rest)], { type: { const: type }, ...rest });
const listOf = (items: object, most: number) => ({ type: "array", minItems: 1, maxItems: most, items });

/** Of an incoming webhook, and of `chat.postMessage` and `chat.update` beside the place. */
export const slackMessage = ajv.compile(
  closed(["text", "blocks"], {
    // Read as Slack's markup: `<` begins a mention or a link.
    text: { ...text(4000), pattern: "^[^<>]*$" },
    blocks: listOf(
      {
        oneOf: [
          block("header", { text: plain(150) }),
          block("section", { text: plain(3000) }),
          block("context", { elements: listOf(plain(3000), 10) }),
          block("actions", { elements: { ...listOf(button, 25), uniqueItems: true } }),
        ],
      },
      50,
    ),
    ...{ unfurl_links: { const: false }, unfurl_media: { const: false } },
    ...{ channel: text(100), ts: text(100) },
  }),
);

export const ownWebhook = ajv.compile(
  JSON.parse(readFileSync(new URL("../../schemas/alert.schema.json", import.meta.url), "utf8")) as object,
);

/** What is not as published; none where all is in order. */
export const problemsOf = (judge: ValidateFunction, body: unknown): readonly string[] =>
  judge(body) ? [] : (judge.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
