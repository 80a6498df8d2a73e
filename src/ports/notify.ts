import type { AlertMessage } from "../model/alert.ts";

/**
 * A channel for alerts. It returns what it calls the message's thread, to change it in place later; null where it has no
 * such thing. A throw is one failed attempt: the same message, with the same key, comes again.
 */
export interface Notifier {
  readonly name: string;
  send(message: AlertMessage): Promise<string | null>;
}
