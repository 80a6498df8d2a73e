import { createHash } from "node:crypto";
import { createTransport } from "nodemailer";
import { placesOf, subjectOf } from "../alert/subject.ts";
import type { AlertLink, AlertMessage, AlertView, MailChannel } from "../model/alert.ts";
import { PlumblineError } from "../model/errors.ts";
import type { Notifier } from "../ports/notify.ts";
import { answerText } from "./notify-post.ts";

export type MailNotifierOptions = Omit<MailChannel, "type" | "name"> & {
  readonly name: string;
  readonly timeoutMs?: number;
};

/**
 * E-mail by SMTP, as plain text. All mails of one thread hang together by their ids, so that a mail program shows them
 * as one; what rings nobody is not sent.
 */
export const mailNotifier = (options: MailNotifierOptions): Notifier => ({
  name: options.name,
  send: async (message) => {
    if (message.isQuiet) return { ref: null, answer: "a mail rings, and this rings nobody", skipped: true };
    const transport = transportOf(options);
    const { response } = await asked(transport, () => transport.sendMail(mailOf(message, options)));
    return { ref: null, answer: answerText(response) };
  },
  probe: async () => {
    const transport = transportOf(options);
    await asked(transport, () => transport.verify());
    return `${options.host} takes the connection${options.user === null ? "" : " and the login"}; no mail was sent.`;
  },
});

const asked = async <T>(transport: { close(): void }, ask: () => Promise<T>): Promise<T> => {
  try {
    return await ask();
  } catch (cause) {
    throw new PlumblineError("alert-failed", "The mail server did not take the alert.", {
      cause,
      hint: "Check host, port, TLS and credentials of the e-mail channel.",
      detail: { refused: isRefusal(cause) },
    });
  } finally {
    transport.close();
  }
};

/** What a look at the server without a mail (`verify`) does not meet: its no to a sender, a receiver or a text. */
const isRefusal = (cause: unknown): boolean =>
  cause instanceof Error && "code" in cause && ["EENVELOPE", "EMESSAGE"].includes(String(cause.code));

const transportOf = ({
  host,
  port,
  isTls,
  isInsecure,
  user,
  password,
  timeoutMs = 15_000,
}: MailNotifierOptions) =>
  createTransport({
    ...{ host, port, secure: isTls, requireTLS: !isTls && !isInsecure, ignoreTLS: isInsecure },
    ...(user === null ? {} : { auth: { user, pass: password ?? "" } }),
    ...{ connectionTimeout: timeoutMs, greetingTimeout: timeoutMs, socketTimeout: timeoutMs },
    // What an alert says is never a path or an address to fetch.
    disableFileAccess: true,
    disableUrlAccess: true,
  });

const mailOf = (message: AlertMessage, { from, to }: MailNotifierOptions) => {
  const root = idOf(message.thread, from);
  const first = ["opened", "escalated", "digest", "test"].includes(message.event);
  return {
    ...{ from, to: [...to] },
    subject: `[${message.event === "ended" ? "ended" : message.severity}] ${message.title}`.slice(0, 200),
    text: textOf(message),
    messageId: first ? root : idOf(message.key, from),
    ...(first ? {} : { inReplyTo: root, references: [root] }),
    headers: {
      "Auto-Submitted": "auto-generated",
      "X-Plumbline-Alert": createHash("sha256").update(message.thread).digest("hex").slice(0, 32),
    },
  };
};

const idOf = (text: string, from: string): string => {
  const [, domain = "plumbline.invalid"] = /@([\w.-]+)/.exec(from) ?? [];
  return `<${createHash("sha256").update(text).digest("hex").slice(0, 40)}@${domain}>`;
};

const MOST_PLACES = 20;

const textOf = (message: AlertMessage): string => {
  const { text, alerts, links } = message;
  const one = subjectOf(message);
  const places = one
    ? aboutOf(one)
    : alerts.slice(0, MOST_PLACES).flatMap((alert) => {
        const ways = placesOf(alert).map(({ label, url }) => `  ${label}: ${url}`);
        return ways.length === 0 ? [] : ["", `${alert.workspace}: ${alert.title}`, ...ways];
      });
  return [text, "", ...(one ? places : []), ...links.map(lineOf), ...(one ? [] : places), ""].join("\n");
};

const aboutOf = ({ workspace, owners }: AlertView): readonly string[] => [
  ...(workspace === "" ? [] : [`Workspace: ${workspace}`]),
  ...(owners.length === 0 ? [] : [`Owners: ${owners.join(", ")}`]),
];

const lineOf = ({ label, url }: AlertLink): string => `${label}: ${url}`;
