import type { AddressInfo } from "node:net";
import { SMTPServer } from "smtp-server";
import { mailNotifier } from "../../src/adapters/notify-mail.ts";

/** A mail server that keeps what it is given, and a channel that sends there. A login with `right` is let in. */
export const mailSink = async () => {
  const mails: string[] = [];
  const logins: string[] = [];
  const server = new SMTPServer({
    disabledCommands: ["STARTTLS"],
    allowInsecureAuth: true,
    authOptional: true,
    onAuth: ({ username, password }, _session, done) => {
      logins.push(`${username}:${password}`);
      done(password === "right" ? null : new Error("no"), { user: username ?? "" });
    },
    onRcptTo: ({ address }, _session, done) =>
      done(address.startsWith("nobody@") ? new Error("no such receiver") : null),
    onData: (stream, _session, done) => {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        mails.push(Buffer.concat(chunks).toString());
        done();
      });
    },
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const { port } = server.server.address() as AddressInfo;
  const notifier = (more: object = {}) =>
    mailNotifier({
      ...{
        name: "mail",
        host: "127.0.0.1",
        port,
        isTls: false,
        isInsecure: true,
        user: null,
        password: null,
      },
      ...{ from: "Plumbline <plumbline@ops.example>", to: ["a@ops.example", "b@ops.example"] },
      ...more,
    });
  return { mails, logins, notifier, close: () => new Promise<void>((done) => server.close(() => done())) };
};

/** A mail's headers, unfolded, and its text as it is read. */
export const readMail = (mail: string | undefined): { readonly headers: string; readonly text: string } => {
  const [head = "", ...body] = (mail ?? "").split("\r\n\r\n");
  const bytes = body
    .join("\n\n")
    .replaceAll(/=\r\n/g, "")
    .replaceAll(/=([0-9A-F]{2})/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return { headers: head.replaceAll(/\r\n[ \t]+/g, " "), text: Buffer.from(bytes, "latin1").toString() };
};
