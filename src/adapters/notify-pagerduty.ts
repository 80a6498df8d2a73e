import { createHash } from "node:crypto";
import type { AlertMessage, PagerDutyChannel } from "../model/alert.ts";
import type { Notifier } from "../ports/notify.ts";
import { answerText, postJson, probeAddress } from "./notify-post.ts";

export interface PagerDutyNotifierOptions extends Pick<PagerDutyChannel, "routingKey" | "url"> {
  readonly name: string;
  /** Shown as the source of alerts about no workspace. */
  readonly source: string;
}

/**
 * PagerDuty's Events API v2: one incident per thread by its `dedup_key`; a change triggers it again, which rings nobody
 * twice. A digest is told by nobody's pager.
 */
export const pagerDutyNotifier = (options: PagerDutyNotifierOptions): Notifier => ({
  name: options.name,
  send: async (message) => {
    if (message.event === "digest") return { ref: null, answer: "a pager is told of no digest" };
    const post = (one: AlertMessage): Promise<string> =>
      postJson({ url: options.url, body: JSON.stringify(eventOf(one, options)) });
    const said = await post(message);
    // Nobody is to find the test among the incidents.
    if (message.event === "test") await post({ ...message, event: "ended" });
    return { ref: dedupKey(message.thread), answer: answerText(said) };
  },
  probe: () => probeAddress(options.url),
});

const ACTIONS: Readonly<Partial<Record<AlertMessage["event"], string>>> = {
  ended: "resolve",
  acknowledged: "acknowledge",
};

const eventOf = (message: AlertMessage, { routingKey, source }: PagerDutyNotifierOptions) => {
  const action = ACTIONS[message.event] ?? "trigger";
  const named = { routing_key: routingKey, event_action: action, dedup_key: dedupKey(message.thread) };
  if (action !== "trigger") return named;
  const [first] = message.alerts;
  const links = (first?.links ?? []).map(({ url, label }) => ({ href: url, text: label }));
  return {
    ...named,
    client: "Plumbline",
    ...(links[0] ? { client_url: links[0].href } : {}),
    links: message.alerts.length === 1 ? links : [],
    payload: {
      summary: cut(message.title, 1024),
      severity: message.severity,
      source: first?.workspace || source,
      timestamp: (first?.openedAt ?? message.at).toISOString(),
      component: "plumbline",
      group: first?.owners.join(", ") || "no owner",
      class: message.kind,
      custom_details: {
        text: cut(message.text, 20_000),
        alerts: message.alerts.length,
        ...(first?.who && message.alerts.length === 1 ? { who: first.who } : {}),
      },
    },
  };
};

/** At most 255 characters, and the same for the same thread for ever. */
const dedupKey = (thread: string): string =>
  thread.length <= 255 ? thread : createHash("sha256").update(thread).digest("hex");

const cut = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most - 1)}…`;
