import type { FastifyPluginAsync } from "fastify";
import { collectDefaultMetrics, Gauge, Registry } from "prom-client";
import type { Numbers } from "../model/numbers.ts";
import { type GuardWorld, requires } from "./guard.ts";

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
    collectDefaultMetrics({ register: registry, prefix: "plumbline_" });
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
  const gauge = <Label extends string>(name: string, help: string, labelNames: readonly Label[] = []) =>
    new Gauge({ name: `plumbline_${name}`, help, labelNames, registers: [registry] });
  const workspaces = gauge("workspaces", "Workspaces by how they stand to Git.", ["sync"]);
  const open = gauge("findings_open", "Open findings by cause.", ["cause"]);
  const oldest = gauge("drift_oldest_seconds", "Age of the oldest drift that is open.");
  const found = gauge("drift_found_7d", "Drift made by hand, found within a week.");
  const followed = gauge("drift_followed_7d", "Of it, formalized or reverted by now.");
  const toEnd = gauge("drift_to_end_seconds", "Median from found to formalized or reverted, of a week.");
  const late = gauge("cycle_lateness_seconds", "Median of how long after its slot a look begins, of a week.");
  const runs = gauge("runs_7d", "Runs of a week by kind and state.", ["kind", "state"]);
  const took = gauge("run_seconds", "How long runs of a week took.", ["kind", "state", "quantile"]);
  const jobs = gauge("jobs", "Jobs that wait or are being done.", ["kind", "state"]);
  const single = (one: Gauge, value: number | null): void => one.set(value ?? Number.NaN);
  return (numbers) => {
    for (const one of [open, runs, took, jobs]) one.reset();
    for (const [sync, count] of Object.entries(numbers.workspaces)) workspaces.set({ sync }, count);
    for (const { cause, count } of numbers.open) open.set({ cause }, count);
    oldest.set(numbers.oldestDriftSeconds ?? 0);
    found.set(numbers.found);
    followed.set(numbers.followedThrough);
    single(toEnd, numbers.toEndSeconds);
    single(late, numbers.latenessSeconds);
    for (const { kind, state, count, medianSeconds, slowSeconds } of numbers.runs) {
      runs.set({ kind, state }, count);
      if (medianSeconds !== null) took.set({ kind, state, quantile: "0.5" }, medianSeconds);
      if (slowSeconds !== null) took.set({ kind, state, quantile: "0.95" }, slowSeconds);
    }
    for (const { kind, waiting, running } of numbers.queue) {
      jobs.set({ kind, state: "waiting" }, waiting);
      jobs.set({ kind, state: "running" }, running);
    }
  };
};
