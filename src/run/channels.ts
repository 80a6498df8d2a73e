import { type AlertChannel, type AlertMessage, type ChannelView, channelNames } from "../model/alert.ts";
import { PlumblineError } from "../model/errors.ts";
import type { Ledger } from "../ports/ledger.ts";
import type { Notifier, Sent } from "../ports/notify.ts";
import type { World } from "./world.ts";

/** The configured channels with how each fares; one that was never told anything has neither worked nor failed. */
export const channelViews = async (
  channels: readonly AlertChannel[],
  { alerts }: Pick<Ledger, "alerts">,
): Promise<readonly ChannelView[]> => {
  const health = new Map((await alerts.channels()).map((one) => [one.name, one]));
  const names = channelNames(channels);
  return channels.map(({ type }, index) => {
    const name = names[index] ?? type;
    return { ...NOTHING_YET, ...health.get(name), name, type };
  });
};

const NOTHING_YET = { failingSince: null, error: null, lastOkAt: null, failures: 0, refused: false };

interface Asking {
  readonly by: string;
  readonly request: string;
}

/**
 * Sends a test, marked as one, and says what the receiver answered, or why nothing was sent. What was sent counts for
 * how the channel fares. Fails with `not-found`, or as the sending does.
 */
export const testChannel = async (
  world: Pick<World, "notifiers" | "ledger" | "clock" | "redactor">,
  { by, request }: Asking,
  name: string,
): Promise<{ readonly answer: string; readonly skipped: boolean }> => {
  const notifier = world.notifiers.find((one) => one.name === name);
  if (!notifier) throw new PlumblineError("not-found", `There is no alert channel ${name}.`);
  const { ledger, clock, redactor } = world;
  const at = clock.now();
  await ledger.audit.append({ at, actor: by, action: "alert-tested", subject: name, details: { request } });
  try {
    const { answer, skipped } = await sendTest(notifier, { by, at, id: request });
    if (!skipped) await ledger.alerts.channelWorked(name, clock.now());
    return { answer: redactor.redact(answer), skipped: skipped === true };
  } catch (thrown) {
    await ledger.alerts.channelFailed(name, failureOf(thrown, redactor), clock.now());
    throw thrown;
  }
};

/** Why a channel failed, for people, and whether its receiver said no to what it was sent. */
export const failureOf = (
  thrown: unknown,
  { redact }: Pick<World["redactor"], "redact">,
): { readonly error: string; readonly refused: boolean } => ({
  error: redact(thrown instanceof Error ? thrown.message : String(thrown)),
  refused:
    thrown instanceof PlumblineError && (thrown.detail["refused"] === true || thrown.kind.retry === "never"),
});

export const sendTest = async (
  notifier: Notifier,
  { by, at, id }: { readonly by: string; readonly at: Date; readonly id: string },
): Promise<Sent> => notifier.send(testMessage(notifier.name, { by, at, id }));

const testMessage = (
  name: string,
  { by, at, id }: { readonly by: string; readonly at: Date; readonly id: string },
): AlertMessage => ({
  key: `test:${id}`,
  thread: `test:${id}`,
  kind: "single",
  event: "test",
  isQuiet: false,
  severity: "info",
  urgency: "info",
  title: `TEST of the alert channel ${name}`,
  text: `Nothing is wrong: ${by} tries whether alerts of Plumbline arrive here.`,
  alerts: [],
  links: [],
  ref: null,
  at,
});
