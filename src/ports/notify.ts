import type { AlertMessage } from "../model/alert.ts";

/** What came of a message. */
export interface Sent {
  /** What the channel calls the message's thread, to change it in place later; null where it has no such thing. */
  readonly ref: string | null;
  /** What the receiver answered, in a few words. */
  readonly answer: string;
}

/** A channel for alerts. A throw of `send` is one failed attempt: the same message, with the same key, comes again. */
export interface Notifier {
  readonly name: string;
  send(message: AlertMessage): Promise<Sent>;
  /** Whether it would be heard, without telling anybody anything: a sentence. Throws `alert-failed`. */
  probe(): Promise<string>;
}
