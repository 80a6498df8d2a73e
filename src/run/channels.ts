import { type AlertChannel, type AlertMessage, type ChannelView, channelNames } from "../model/alert.ts";
import { PlumblineError } from "../model/errors.ts";
import type { Ledger } from "../ports/ledger.ts";
import type { Notifier } from "../ports/notify.ts";
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
    const { failingSince = null, error = null, lastOkAt = null, failures = 0 } = health.get(name) ?? {};
    return { name, type, failingSince, error, lastOkAt, failures };
  });
};

interface Asking {
  readonly by: string;
  readonly request: string;
}

/** Sends a test, marked as one, and says what the receiver answered. It counts for how the channel fares. */
export const testChannel = async (
  world: Pick<World, "notifiers" | "ledger" | "clock" | "redactor">,
  { by, request }: Asking,
  name: string,
): Promise<string> => {
  const notifier = world.notifiers.find((one) => one.name === name);
  if (!notifier) throw new PlumblineError("not-found", `There is no alert channel ${name}.`);
  const { ledger, clock, redactor } = world;
  const at = clock.now();
  await ledger.audit.append({ at, actor: by, action: "alert-tested", subject: name, details: { request } });
  try {
    const answer = await sendTest(notifier, { by, at, id: request });
    await ledger.alerts.channelWorked(name, clock.now());
    return redactor.redact(answer);
  } catch (thrown) {
    const why = redactor.redact(thrown instanceof Error ? thrown.message : String(thrown));
    await ledger.alerts.channelFailed(name, why, clock.now());
    throw thrown;
  }
};

export const sendTest = async (
  notifier: Notifier,
  { by, at, id }: { readonly by: string; readonly at: Date; readonly id: string },
): Promise<string> => {
  const { answer } = await notifier.send(testMessage(notifier.name, { by, at, id }));
  return answer;
};

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
  title: `TEST of the alert channel ${name}`,
  text: `Nothing is wrong: ${by} tries whether alerts of Plumbline arrive here.`,
  alerts: [],
  ref: null,
  at,
});
