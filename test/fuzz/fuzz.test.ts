import { expect, test } from "vitest";
import { seeded } from "../../bench/seeded.ts";
import { TARGETS, type TargetName } from "./targets.ts";

// A small sample of `npm run fuzz`, the same at every run; it reads in this process, so a hang is a time limit's.
const INPUTS = 500;

test.each(Object.keys(TARGETS) as TargetName[])("made inputs: %s", async (name) => {
  const read = await TARGETS[name].open();
  for (let index = 0; index < INPUTS; index += 1) expect(await read(seeded(7_000_021 + index))).toBeNull();
});
