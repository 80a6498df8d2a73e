import type { AlertMessage } from "../model/alert.ts";

/** What came of a message. */
export interface Sent {
  /** What the channel calls the message's thread, to change it in place later; null where it has no such thing. */
  readonly ref: string | null;
  /** What the receiver answered, in a few words; why nothing was sent where it was skipped. */
  readonly answer: string;
  /** Nothing went out, since it is nothing for this channel: it says nothing of how the channel fares. */
  readonly skipped?: true;
}

/**
 * A channel for alerts. A throw of `send` is one failed attempt: the same message, with the same key, comes again.
 * A failure with `refused` in its detail is the receiver's no to this very message: that it is there and knows us
 * proves nothing then.
 */
export interface Notifier {
  readonly name: string;
  send(message: AlertMessage): Promise<Sent>;
  /** Its probe asks nobody, so that it shows nothing. */
  readonly unprobed?: true;
  /** Whether it would be heard, without telling anybody anything: a sentence. Throws `alert-failed`. */
  probe(): Promise<string>;
}
