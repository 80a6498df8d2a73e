import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { schemaDrift } from "../../src/migration/schema-drift.ts";
import { writeSchemaChange } from "../../src/migration/write-change.ts";
import { scriptsOf } from "../../src/migration/write-script.ts";
import type { SchemaSnapshot } from "../../src/model/migration.ts";
import { FULL, PAIRS, UNWRITABLE } from "./schema-pairs.ts";
import { openSchemaWorld, type SchemaWorld } from "./schema-world.ts";

let world: SchemaWorld;
beforeAll(async () => {
  world = await openSchemaWorld();
});
afterAll(() => world.close());

const differences = (actual: SchemaSnapshot, wanted: SchemaSnapshot) =>
  schemaDrift({ actual, recorded: wanted, desired: wanted, changedRepeatable: false });

/** Writes the change between two schemas, runs it where it is needed and, guarded, where it has been done. */
const roundTrip = async (before: string, after: string) => {
  const wanted = await world.made(after);
  const from = await world.made(before);
  const change = writeSchemaChange(from, wanted, { version: world.version });
  const texts = (guarded: boolean) => scriptsOf(change, { guarded }).map(({ text }) => text);
  const plain = differences(await world.after(texts(false)), wanted);
  const twice = differences(await world.after(texts(true)), wanted);
  await world.made(before);
  const guarded = differences(await world.after(texts(true)), wanted);
  return { unwritten: change.unwritten, plain, guarded, twice };
};
const nothingLeft = { unwritten: [], plain: [], guarded: [], twice: [] };

describe("the written SQL makes one schema into the other, and does nothing where it has been done", () => {
  test("everything from nothing, and nothing from everything", async () => {
    expect(await roundTrip("select 1", FULL)).toEqual(nothingLeft);
    expect(await roundTrip(FULL, "select 1")).toEqual(nothingLeft);
  });

  test.each(PAIRS)(
    "$name",
    async ({ before, after, back }) => {
      expect(await roundTrip(before, after)).toEqual(nothingLeft);
      if (back !== false) expect(await roundTrip(after, before)).toEqual(nothingLeft);
    },
    60_000,
  );

  test.each(UNWRITABLE)("$name is told and not guessed", async ({ before, after, address, path }) => {
    const [from, to] = [await world.made(before), await world.made(after)];
    const { unwritten } = writeSchemaChange(from, to, { version: world.version });
    expect(unwritten.map((each) => [each.address, each.path])).toContainEqual([address, path]);
  });
});
