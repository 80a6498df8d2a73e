import { afterEach } from "vitest";
import { createNotifiers } from "../../src/adapters/notifiers.ts";
import type { AlertChannel, AlertMessage } from "../../src/model/alert.ts";
import type { Forge } from "../../src/ports/forge.ts";
import type { Notifier } from "../../src/ports/notify.ts";
import { alert, at, channelOf } from "../alert/bench.ts";
import { startReceiver } from "./receiver.ts";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** Stopped after the test. */
export const receiver = async (...args: Parameters<typeof startReceiver>) => {
  const started = await startReceiver(...args);
  closing.push(started.close);
  return started;
};

export const notifier = (channel: AlertChannel, forge: Partial<Forge> = {}): Notifier => {
  const [made] = createNotifiers([channel], { clock: { now: () => at("12:00") }, forge: forge as Forge });
  if (!made) throw new Error("none");
  return made;
};

/** What is said of one alert: opened, taken, ended. */
export const story = (): readonly AlertMessage[] => {
  const channel = channelOf();
  const acked = alert("a", { acked: { by: "dana", at: at("12:01") } });
  return [
    ...channel.ask(at("12:00"), [alert("a")]),
    ...channel.ask(at("12:01"), [acked]),
    ...channel.ask(at("12:02"), [{ ...acked, endedAt: at("12:02") }]),
  ];
};

export const storm = (): AlertMessage => {
  const long = "x".repeat(5000);
  const alerts = Array.from({ length: 500 }, (_, index) =>
    alert(`n${index}`, { title: `${index} ${long}`, text: `<!channel> *${long}* <https://evil.example|ok>` }),
  );
  const [message] = channelOf().ask(at("12:00"), alerts);
  if (!message) throw new Error("no storm");
  return message;
};

/** As a channel does it: what it called the thread comes back with the next message. */
export const tell = async (channel: Notifier, messages: readonly AlertMessage[]): Promise<void> => {
  let ref: string | null = null;
  for (const message of messages) ref = (await channel.send({ ...message, ref })).ref;
};
