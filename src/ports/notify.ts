import type { Alert } from "../model/job.ts";

/** A channel for alerts. Delivery is retried by the queue; a throw here is one failed attempt. */
export interface Notifier {
  readonly name: string;
  send(alert: Alert): Promise<void>;
}
