import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type KillBench, openKillBench } from "../kill/bench.ts";
import { allPoints, mixed } from "../kill/points.ts";
import { openScaleHome, type ScaleHome, scaleMissing } from "./home.ts";

const POINTS = 2;

describe.skipIf(scaleMissing !== null)(`the kill matrix (${scaleMissing ?? "PostgreSQL and S3"})`, () => {
  let home: ScaleHome;
  let bench: KillBench;
  beforeAll(async () => {
    home = await openScaleHome();
    bench = await openKillBench({ place: home.place });
  }, 120_000);
  afterAll(async () => {
    await bench.close();
    await home.close();
  });

  test("killed at points from everywhere: applied once or not at all, and told so", async () => {
    const calls = await bench.dryRun();
    const points = mixed(allPoints(calls)).slice(0, POINTS);
    const wrong: unknown[] = [];
    for (const point of points) {
      const answer = await bench.kill(point);
      if (answer.wrong.length > 0) wrong.push(answer);
    }
    expect(wrong).toEqual([]);
  }, 240_000);
});
