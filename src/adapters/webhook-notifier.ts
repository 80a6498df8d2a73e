import { createHmac } from "node:crypto";
import { PlumblineError } from "../model/errors.ts";
import type { Alert } from "../model/job.ts";
import type { Notifier } from "../ports/notify.ts";

export interface WebhookNotifierOptions {
  readonly url: string;
  /** Signs the body as `X-Plumbline-Signature-256: sha256=<hex HMAC>`. */
  readonly secret: string | null;
  readonly timeoutMs?: number;
}

/** Alerts as JSON to any HTTP receiver; `Idempotency-Key` is the same for every try of one alert. */
export const webhookNotifier = ({ url, secret, timeoutMs = 10_000 }: WebhookNotifierOptions): Notifier => ({
  name: `webhook ${new URL(url).host}`,
  async send(alert: Alert): Promise<void> {
    const body = JSON.stringify({ version: 1, ...alert });
    const response = await fetch(url, {
      method: "POST",
      body,
      signal: AbortSignal.timeout(timeoutMs),
      headers: {
        "content-type": "application/json",
        "idempotency-key": `${alert.fingerprint}:${alert.event}`,
        ...(secret === null
          ? {}
          : {
              "x-plumbline-signature-256": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`,
            }),
      },
    }).catch((cause: unknown) => {
      throw new PlumblineError("alert-failed", "The alert receiver does not answer.", {
        cause,
        hint: "Check the alert's URL.",
      });
    });
    await response.arrayBuffer();
    if (!response.ok)
      throw new PlumblineError("alert-failed", `The alert receiver answered ${response.status}.`, {
        hint: "Check the alert's URL and secret.",
      });
  },
});
