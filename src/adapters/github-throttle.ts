import type { Octokit } from "@octokit/rest";
import type { Log } from "../ports/log.ts";

// A worker is not held longer than this; what takes longer comes back as `forge-rate-limited` and is queued again.
const LONGEST_WAIT_SECONDS = 300;
const MOST_RETRIES = 3;

type PluginOptions = NonNullable<NonNullable<ConstructorParameters<typeof Octokit>[0]>["throttle"]>;
type Group = NonNullable<PluginOptions["write"]>;

interface ThrottleOptions {
  /** Clients with one id share one pace. */
  readonly id: string;
  readonly log: Log;
  readonly polite: boolean;
  readonly secondMs: number;
  readonly limited: (seconds: number) => void;
}

/** Settings of Octokit's throttling plugin: rate limits are waited out while the wait is short. */
export const throttle = ({ id, log, polite, secondMs, limited }: ThrottleOptions) => {
  const worthWaiting =
    (why: string) => (seconds: number, request: { url?: string }, _api: unknown, tried: number) => {
      limited(seconds);
      const wait = seconds <= LONGEST_WAIT_SECONDS && tried < MOST_RETRIES;
      log.warn("The forge limits the rate of requests", { why, seconds, url: request.url, wait });
      return wait;
    };
  return {
    id,
    retryAfterBaseValue: secondMs,
    onRateLimit: worthWaiting("hourly limit"),
    onSecondaryRateLimit: worthWaiting("secondary limit"),
    ...(polite ? {} : { write: UNPACED, notifications: UNPACED }),
  };
};

/** Stands where the plugin expects a Bottleneck group, of which it calls only this: every job starts at once. */
const UNPACED = {
  key: () => ({ schedule: async (_options: object, job: () => unknown) => job() }),
} as unknown as Group;

export const isLoopback = (url: string): boolean =>
  ["localhost", "127.0.0.1", "[::1]"].includes(new URL(url).hostname);
