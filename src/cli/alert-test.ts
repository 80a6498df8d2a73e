import { randomUUID } from "node:crypto";
import { asPlumblineError, PlumblineError } from "../model/errors.ts";
import { sendTest } from "../run/channels.ts";
import { channelsHere } from "./alert-channels.ts";
import { ask, send, serverOf } from "./ask.ts";
import { columns } from "./columns.ts";
import { type Call, EXIT, printJson, textOption } from "./command.ts";
import { readConfiguration } from "./server-configuration.ts";

interface Tried {
  readonly channel: string;
  /** Nothing failed; with `skipped` nothing was sent either. */
  readonly ok: boolean;
  readonly skipped?: true;
  /** What the receiver answered, or why it could not be asked. */
  readonly answer: string;
}

interface Channels {
  readonly names: readonly string[];
  readonly test: (name: string) => Promise<Pick<Tried, "answer" | "skipped">>;
}

/** `plumbline alert test [CHANNEL]`: sends a test through one channel or all, and says what each answered; 2 where one fails. */
export const alertTest = async (call: Call): Promise<number> => {
  const { names, test } = await channelsOf(call);
  const tried: Tried[] = [];
  for (const channel of chosen(names, call.args[0])) tried.push(await tryOne(channel, test));
  if (call.json) printJson(call, { channels: tried });
  else if (tried.length === 0) call.out("No alert channel is configured.\n");
  else call.out(columns(call, ["CHANNEL", "TEST", "ANSWER"], tried.map(row)));
  return tried.every(({ ok }) => ok) ? EXIT.done : EXIT.somethingToSay;
};

/** Through the running service, where one is named; else from here, with the configuration that it would have. */
const channelsOf = async (call: Call): Promise<Channels> => {
  const server = serverOf(call);
  if (server === null) {
    const notifiers = channelsHere(call, await readConfiguration(call));
    const by = textOption(call, "by") ?? call.env["USER"] ?? "the command line";
    const test: Channels["test"] = async (name) => {
      const notifier = notifiers.find((one) => one.name === name);
      if (!notifier) return { answer: "" };
      const { answer, skipped } = await sendTest(notifier, { by, at: new Date(), id: randomUUID() });
      return { answer, ...(skipped ? { skipped } : {}) };
    };
    return { names: notifiers.map(({ name }) => name), test };
  }
  const { items } = await ask<{ items: { name: string }[] }>(call, { name: "channels" });
  const test: Channels["test"] = async (name) => {
    const path = `/alerts/channels/${encodeURIComponent(name)}/test`;
    return { answer: ((await send(call, server, "POST", path, {})) as { readonly answer: string }).answer };
  };
  return { names: items.map(({ name }) => name), test };
};

const chosen = (names: readonly string[], wanted: string | undefined): readonly string[] => {
  if (wanted === undefined) return names;
  if (names.includes(wanted)) return [wanted];
  throw new PlumblineError(
    "wrong-arguments",
    `There is no alert channel ${wanted}; there are: ${names.join(", ") || "none"}.`,
  );
};

const tryOne = async (channel: string, test: Channels["test"]): Promise<Tried> => {
  try {
    return { channel, ok: true, ...(await test(channel)) };
  } catch (thrown) {
    const { message, hint } = asPlumblineError(thrown);
    return { channel, ok: false, answer: hint === "" ? message : `${message} ${hint}` };
  }
};

const row = ({ channel, ok, skipped, answer }: Tried) => [
  { text: channel },
  ok
    ? { text: skipped ? "skipped" : "sent", paint: skipped ? ("yellow" as const) : ("green" as const) }
    : { text: "failed", paint: "red" as const },
  { text: answer },
];
