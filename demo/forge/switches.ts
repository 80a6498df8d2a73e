/** An answer given instead of, or after, the real one. */
export interface Fault {
  readonly status: 403 | 404 | 405 | 429 | 500 | 502 | 503;
  /** Which requests: `POST /repos/o/r/issues/1/comments`, without the API's prefix, or `GET /o/r.git/...` for git. */
  readonly match?: RegExp;
  /** How many requests; default 1. */
  readonly times?: number;
  /** True: the work is done and only the answer is lost. */
  readonly afterwards?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  readonly message?: string;
}

export interface Switches {
  /** The next requests that match fail. */
  fail(fault: Fault): void;
  /** The next request that writes is refused as too many, with a wait of this many seconds. */
  secondaryLimit(seconds: number, match?: RegExp): void;
  /** Every answer waits this long. */
  slowMs: number;
  /** Nothing answers: connections are cut. */
  down: boolean;
  /** `drop`: deliveries are lost (and can be redelivered). `hold`: they wait for `on`. */
  webhooks: "on" | "drop" | "hold";
  /** As many reads of a pull request find its mergeability not computed yet. */
  mergeableUnknown: number;
  /** Everything as it was at the start. */
  reset(): void;
}

/** The fault for a request, counted down; null where it is to be answered. */
export type TakeFault = (request: string) => Fault | null;

export const openSwitches = (): Switches & { readonly take: TakeFault } => {
  let faults: { fault: Fault; left: number }[] = [];
  const switches = {
    slowMs: 0,
    down: false,
    webhooks: "on" as Switches["webhooks"],
    mergeableUnknown: 0,
    fail(fault: Fault) {
      faults.push({ fault, left: fault.times ?? 1 });
    },
    secondaryLimit(seconds: number, match = /^(POST|PATCH|PUT|DELETE) /) {
      const message =
        "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.";
      switches.fail({ status: 403, match, message, headers: { "retry-after": String(seconds) } });
    },
    take(request: string): Fault | null {
      const found = faults.find(({ fault }) => fault.match?.test(request) ?? true);
      if (!found) return null;
      found.left -= 1;
      faults = faults.filter(({ left }) => left > 0);
      return found.fault;
    },
    reset() {
      faults = [];
      Object.assign(switches, { slowMs: 0, down: false, webhooks: "on", mergeableUnknown: 0 });
    },
  };
  return switches;
};
