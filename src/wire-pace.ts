import type { ForgeConfig, ServerConfig } from "./model/config.ts";
import type { Clock } from "./ports/clock.ts";
import type { Forge } from "./ports/forge.ts";
import type { Ledger } from "./ports/ledger.ts";
import type { Log } from "./ports/log.ts";
import { pacedForge } from "./queue/forge-pace.ts";

/** How fast the forge may be asked by all replicas together. */
export interface ForgePace {
  paced(forge: Forge): Forge;
  /** The forge told one of them to wait so many seconds: all of them wait. */
  limited(seconds: number): void;
}

interface Around {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly log: Log;
}

// GitHub takes 900 points in any minute: what comes back in one, and what was saved up before it.
const GITHUB_PER_MINUTE = 600;

export const openForgePace = ({ forge }: ServerConfig, { ledger, clock, log }: Around): ForgePace => {
  const perMinute = forge.pointsPerMinute ?? byItself(forge);
  if (perMinute === null) return { paced: (one) => one, limited: () => {} };
  const key = forge.apiUrl;
  const budget = ledger.forgeBudget;
  return {
    paced: (one) => pacedForge(one, { budget, clock, log, key, perMinute, burst: perMinute / 2 }),
    limited: (seconds) => {
      budget.pause(key, seconds * 1000, perMinute, clock.now()).catch((error: unknown) => {
        log.warn("the other replicas could not be told of the forge's limit", { error });
      });
    },
  };
};

/** A server of one's own sets its own limits, and mostly none. */
const byItself = ({ type, apiUrl }: ForgeConfig): number | null =>
  type === "github" && new URL(apiUrl).hostname.endsWith("github.com") ? GITHUB_PER_MINUTE : null;
