import type { FastifyPluginAsync } from "fastify";
import { collectDefaultMetrics, Gauge, Registry } from "prom-client";
import type { Numbers } from "../model/numbers.ts";
import { type GuardWorld, requires } from "./guard.ts";
import { METRICS, PREFIX } from "./metric-list.ts";

export interface MetricsRoutes {
  readonly guard: GuardWorld;
  readonly numbers: () => Promise<Numbers>;
  readonly now: () => Date;
}

/** Scrapes of many watchers ask the database once. */
const FRESH_MS = 15_000;

/**
 * `GET /metrics` in Prometheus's words, for who may view everything (a bearer token). The ledger is asked, so that every
 * replica tells the same; no label names a workspace, a pull request or a commit.
 */
export const metricsRoutes =
  ({ guard, numbers, now }: MetricsRoutes): FastifyPluginAsync =>
  async (app) => {
    const registry = new Registry();
    collectDefaultMetrics({ register: registry, prefix: PREFIX });
    const fill = gaugesIn(registry);
    let until = 0;
    app.get("/metrics", { preHandler: requires(guard, "viewer") }, async (_request, reply) => {
      if (now().getTime() >= until) {
        fill(await numbers());
        until = now().getTime() + FRESH_MS;
      }
      return reply.type(registry.contentType).send(await registry.metrics());
    });
  };

const gaugesIn = (registry: Registry): ((numbers: Numbers) => void) => {
  const gauges = METRICS.map(({ name, help, labels, samples }) => ({
    gauge: new Gauge({ name: `${PREFIX}${name}`, help, labelNames: labels, registers: [registry] }),
    samples,
  }));
  return (numbers) => {
    for (const { gauge, samples } of gauges) {
      gauge.reset();
      for (const { labels = {}, value } of samples(numbers)) gauge.set(labels, value ?? Number.NaN);
    }
  };
};
