import type { SlackAppChannel } from "../model/alert.ts";
import { PlumblineError } from "../model/errors.ts";
import { isJsonObject, type Json } from "../model/json.ts";
import type { Notifier, Sent } from "../ports/notify.ts";
import { answerText, postJson, probeAddress } from "./notify-post.ts";
import { slackMessage } from "./slack-blocks.ts";

/** An incoming webhook cannot change what it said: it says what rings, and what ended, as messages of their own. */
export const slackHookNotifier = ({
  name,
  url,
}: {
  readonly name: string;
  readonly url: string;
}): Notifier => ({
  name,
  send: async (message) => {
    if (message.isQuiet)
      return { ref: null, answer: "a webhook rings, and this rings nobody", skipped: true };
    const said = await postJson({ url, body: JSON.stringify(slackMessage(message)) });
    return { ref: null, answer: answerText(said) };
  },
  probe: () => probeAddress(url),
});

export interface SlackAppOptions extends Pick<SlackAppChannel, "token" | "channel" | "apiUrl"> {
  readonly name: string;
}

/**
 * A Slack app: one message per thread, changed in place by `chat.update`. What must ring again (a reminder, an
 * escalation, a storm that grew worse) is also said in the message's own thread, since a change rings nobody.
 */
export const slackAppNotifier = (options: SlackAppOptions): Notifier => ({
  name: options.name,
  send: async (message) => {
    const content = slackMessage(message);
    const place = readRef(message.ref);
    if (place === null) return post(options, content);
    const updated = await call(options, "chat.update", { ...place, ...content });
    // Somebody deleted it, or too much time has passed for a change.
    if (
      updated.error === "message_not_found" ||
      updated.error === "edit_window_closed" ||
      updated.error === "cant_update_message"
    )
      return post(options, content);
    ok("chat.update", updated);
    if (!message.isQuiet)
      ok(
        "chat.postMessage",
        await call(options, "chat.postMessage", {
          ...{ channel: place.channel, thread_ts: place.ts, text: content.text, mrkdwn: false },
          ...{ unfurl_links: false, unfurl_media: false, reply_broadcast: message.event !== "ended" },
        }),
      );
    return { ref: message.ref, answer: "changed in place" };
  },
  probe: async () => {
    const { team, user } = ok("auth.test", await call(options, "auth.test", {}));
    return `Slack knows the app as ${user} in ${team}; nothing was sent.`;
  },
});

interface Answer {
  readonly ok: boolean;
  readonly error: string | null;
  readonly channel: string;
  readonly ts: string;
  readonly team: string;
  readonly user: string;
}

const post = async (options: SlackAppOptions, content: object): Promise<Sent> => {
  const answer = ok(
    "chat.postMessage",
    await call(options, "chat.postMessage", { channel: options.channel, ...content }),
  );
  const { channel, ts } = answer;
  return { ref: JSON.stringify({ channel, ts }), answer: `said in ${channel} at ${ts}` };
};

const readRef = (ref: string | null): { readonly channel: string; readonly ts: string } | null => {
  const read = ref === null ? null : (JSON.parse(ref) as Json);
  if (!isJsonObject(read)) return null;
  return { channel: String(read["channel"]), ts: String(read["ts"]) };
};

const call = async ({ apiUrl, token }: SlackAppOptions, method: string, body: object): Promise<Answer> => {
  const headers = { authorization: `Bearer ${token}` };
  const text = await postJson({ url: `${apiUrl}/${method}`, body: JSON.stringify(body), headers });
  const answer = parsed(text);
  const word = (name: string): string => String(answer[name] ?? "");
  return {
    ok: answer["ok"] === true,
    error: typeof answer["error"] === "string" ? answer["error"] : null,
    ...{ channel: word("channel"), ts: word("ts"), team: word("team"), user: word("user") },
  };
};

const parsed = (text: string): { readonly [key: string]: Json } => {
  try {
    const answer = JSON.parse(text) as Json;
    return isJsonObject(answer) ? answer : {};
  } catch {
    return {};
  }
};

/** What `auth.test` meets too: after any other no, that it knows the app proves nothing. */
const PROBED: ReadonlySet<string> = new Set([
  ...["invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"],
  ...["ratelimited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"],
]);

/** Slack answers 200 to what it refuses. */
const ok = (method: string, answer: Answer): Answer => {
  if (answer.ok) return answer;
  throw new PlumblineError("alert-failed", `Slack refused ${method}: ${answer.error ?? "no JSON"}.`, {
    hint: "Check the app's token (chat:write), and that it was invited to the channel.",
    detail: { refused: !PROBED.has(answer.error ?? "") },
  });
};
