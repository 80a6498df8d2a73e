import { createHmac } from "node:crypto";
import { subjectOf } from "../alert/subject.ts";
import type { AlertBody } from "../config/alert-body-schema.ts";
import type { AlertMessage, AlertView, WebhookChannel } from "../model/alert.ts";
import type { Clock } from "../ports/clock.ts";
import type { Notifier } from "../ports/notify.ts";
import { answerText, postJson, probeAddress } from "./notify-post.ts";

export interface WebhookNotifierOptions extends Pick<WebhookChannel, "url" | "secret"> {
  readonly name: string;
  readonly clock: Pick<Clock, "now">;
  readonly timeoutMs?: number;
}

/**
 * Alerts as JSON to any HTTP receiver. `Idempotency-Key` names the message and its alert's life, and is the same for
 * every try. Signed as `X-Plumbline-Signature: t=SECONDS,v1=HEX`: HMAC-SHA-256 over `SECONDS.BODY`.
 */
export const webhookNotifier = ({
  name,
  url,
  secret,
  clock,
  timeoutMs,
}: WebhookNotifierOptions): Notifier => ({
  name,
  send: async (message) => {
    const body = JSON.stringify(payloadOf(message));
    const seconds = Math.floor(clock.now().getTime() / 1000);
    const said = await postJson({
      url,
      body,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      headers: {
        "idempotency-key": message.key,
        ...(secret === null ? {} : { "x-plumbline-signature": signatureOf(secret, seconds, body) }),
      },
    });
    return { ref: null, answer: answerText(said) };
  },
  probe: () => probeAddress(url, timeoutMs),
});

export const signatureOf = (secret: string, seconds: number, body: string): string =>
  `t=${seconds},v1=${createHmac("sha256", secret).update(`${seconds}.${body}`).digest("hex")}`;

const payloadOf = (message: AlertMessage): AlertBody => {
  const { event, kind, thread, severity, title, text, at, alerts, links } = message;
  const one = subjectOf(message);
  return {
    version: 1,
    ...{ event, kind, thread, severity, title, text, at: at.toISOString() },
    fingerprint: one?.fingerprint ?? thread,
    id: one ? lifeOf(one) : thread,
    workspace: one?.workspace ?? "",
    url: links[0]?.url ?? null,
    who: one?.who ?? null,
    owners: [...new Set(alerts.flatMap(({ owners }) => owners))],
    links: [...links],
    alerts: alerts.map(alertOf),
  };
};

const alertOf = (alert: AlertView): AlertBody["alerts"][number] => {
  const { fingerprint, workspace, severity, title, text, who, openedAt, endedAt, acked } = alert;
  return {
    ...{ id: lifeOf(alert), fingerprint, workspace, severity, owners: [...alert.owners], title, text, who },
    ...{ openedAt: openedAt.toISOString(), endedAt: endedAt?.toISOString() ?? null },
    ...{ acked: acked && { by: acked.by }, links: [...alert.links] },
  };
};

const lifeOf = ({ id, fingerprint }: AlertView): string => id.slice(fingerprint.length + 1);
