import { createHash } from "node:crypto";
import { placesOf, subjectOf } from "../alert/subject.ts";
import type { AlertLink, AlertMessage, AlertView, PagerDutyChannel } from "../model/alert.ts";
import type { Notifier } from "../ports/notify.ts";
import { answerText, postJson, probeAddress } from "./notify-post.ts";

export interface PagerDutyNotifierOptions extends Pick<PagerDutyChannel, "routingKey" | "url"> {
  readonly name: string;
  /** Shown as the source of alerts about no workspace. */
  readonly source: string;
}

/**
 * PagerDuty's Events API v2: one incident per thread by its `dedup_key`; a change triggers it again, which rings nobody
 * twice. An escalation and every reminder come one severity higher, for services whose urgency follows the severity;
 * to call again whoever does not answer is PagerDuty's own work. A digest is told by nobody's pager.
 */
export const pagerDutyNotifier = (options: PagerDutyNotifierOptions): Notifier => ({
  name: options.name,
  send: async (message) => {
    if (message.event === "digest")
      return { ref: null, answer: "a pager is told of no digest", skipped: true };
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
  const one = subjectOf(message);
  const links = linksOf(message, one).map(({ url, label }) => ({ href: url, text: cut(label, 255) }));
  return {
    ...named,
    client: "Plumbline",
    ...(links[0] ? { client_url: links[0].href } : {}),
    links,
    payload: {
      summary: cut(message.title, 1024),
      severity: message.urgency,
      source: (one ?? first)?.workspace || source,
      timestamp: (first?.openedAt ?? message.at).toISOString(),
      component: "plumbline",
      group: first?.owners.join(", ") || "no owner",
      class: message.kind,
      custom_details: {
        text: cut(message.text, 20_000),
        severity: message.severity,
        alerts: message.alerts.length,
        ...(one?.who ? { who: one.who } : {}),
      },
    },
  };
};

const MOST_PLACES = 10;

/** Of several alerts the page that lists them, then the worst ones by name. */
const linksOf = (message: AlertMessage, one: AlertView | null): readonly AlertLink[] => {
  if (one !== null) return message.links;
  const named = message.alerts
    .slice(0, MOST_PLACES)
    .flatMap((alert) =>
      placesOf(alert).map(({ label, url }) => ({ label: `${alert.title}: ${label}`, url })),
    );
  return [...message.links, ...named];
};

/** At most 255 characters, and the same for the same thread for ever. */
const dedupKey = (thread: string): string =>
  thread.length <= 255 ? thread : createHash("sha256").update(thread).digest("hex");

const cut = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most - 1)}…`;
