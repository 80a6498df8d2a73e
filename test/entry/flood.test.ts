import { expect, test } from "vitest";
import { flood } from "../../bench/flood.ts";
import { foundHere } from "../contract/engine-bench.ts";

const engine = await foundHere("terraform");

// `npm run bench -- flood` sends ten thousand in a minute.
test.skipIf(engine === null)(
  "a flood of webhooks: all are taken in, heads are planned once, commands answered once",
  async () => {
    const env = { ...process.env, PLUMBLINE_ENGINE: engine?.binary ?? "" };
    const figures = await flood(
      { env, repetitions: 1, progress: () => undefined },
      { deliveries: 400, ms: 4_000, pulls: 2 },
    );
    expect(figures.lost).toEqual([]);
    expect(figures.plans).toBeLessThanOrEqual(figures.heads);
    expect(figures).toMatchObject({ sent: 400, accepted: 400, commands: 2, answers: 2 });
  },
  240_000,
);
