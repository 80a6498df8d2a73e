import fc from "fast-check";
import { expect, test } from "vitest";
import { isKnown, meansSame, type Value } from "../../src/codify/value.ts";
import type { Json } from "../../src/model/json.ts";
import { parse, valueOfX, withX } from "./code.ts";
import { type Draw, type Files, program } from "./programs.ts";

const RUNS = Number(process.env["FUZZ_PROGRAMS"] ?? 3000);

test("an edit of any expression gives the wanted value, or none is made; what is not the value stays", () => {
  let made = 0;
  let tried = 0;
  fc.assert(
    fc.property(fc.infiniteStream(fc.nat(1_000_000)), (stream) => {
      const draw: Draw = (items) =>
        items[(stream.next().value as number) % items.length] as (typeof items)[number];
      const files = program(draw);
      const now = valueOfX(files);
      if (!isKnown(now)) return;
      const want = changed(now, draw);
      if (meansSame(now, want)) return;
      tried += 1;
      const edited = withX(files, want, { reach: draw(["source", "source", "here"]) });
      if (typeof edited === "string") return;
      made += 1;
      const told = `${shown(files)}\n-->\n${shown(edited)}\nwanted ${JSON.stringify(want)}`;
      for (const [path, text] of Object.entries(edited))
        if (path.endsWith(".tf")) expect(parse(path, text).problems, told).toEqual([]);
      expect(isReached(valueOfX(edited), want, files), told).toBe(true);
      expect(commentsOf(edited), told).toEqual(commentsOf(files));
    }),
    // The usual run is always the same one; longer ones look for what nobody has seen.
    { numRuns: RUNS, ...(process.env["FUZZ_PROGRAMS"] ? {} : { seed: 4 }) },
  );
  console.info(`${made} of ${tried} programs edited`);
  expect(made).toBeGreaterThan(tried * 0.6);
});

/** For a set, order counts for nothing: concat() adds where the author wrote a list, sort() orders anew. */
const isReached = (value: Value, want: Json, files: Files): boolean => {
  if (!isKnown(value)) return false;
  const isOrdered = !/\b(concat|sort)\(/.test(files["main.tf"] ?? "");
  return (
    meansSame(value, want) || JSON.stringify(bare(value, isOrdered)) === JSON.stringify(bare(want, isOrdered))
  );
};

/** Documents opened, members sorted, scalars as text. */
const bare = (value: Json, isOrdered: boolean): unknown => {
  if (typeof value === "string") {
    const inner = documentIn(value);
    return inner === undefined ? value : bare(inner, isOrdered);
  }
  if (Array.isArray(value)) {
    const items = value.map((item) => bare(item, isOrdered));
    return isOrdered ? items : items.map((item) => JSON.stringify(item)).sort();
  }
  if (value === null || typeof value !== "object") return String(value);
  return Object.entries(value)
    .map(([key, member]) => [key, bare(member as Json, isOrdered)])
    .sort();
};

const documentIn = (text: string): Json | undefined => {
  try {
    const inner: unknown = JSON.parse(text);
    return typeof inner === "object" ? (inner as Json) : undefined;
  } catch {
    return undefined;
  }
};

const shown = (files: Files): string =>
  Object.entries(files)
    .map(([path, text]) => `--- ${path}\n${text}`)
    .join("\n");

/** Those of attributes and blocks; a member that goes takes its own with it. */
const commentsOf = (files: Files): readonly string[] =>
  Object.values(files).flatMap((text) => text.match(/# (head|kept|tail|of \w+)$/gm) ?? []);

/** Another value of the same type. */
const changed = (value: Json, draw: Draw): Json => {
  if (typeof value === "string") return changedText(value, draw);
  if (typeof value === "number") return draw([value + 1, 0, -7, 99, 2 * value]);
  if (typeof value === "boolean") return !value;
  if (Array.isArray(value)) return changedList(value, draw);
  if (value === null || typeof value !== "object") return "new";
  const members = Object.entries(value).flatMap(([key, member]): [string, Json][] =>
    draw([0, 0, 0, 1]) === 1
      ? []
      : [[key, draw([0, 1]) === 1 ? changed(member as Json, draw) : (member as Json)]],
  );
  if (draw([0, 0, 1]) === 1) members.push([draw(["new", "zone", "a b"]), "fresh"]);
  return Object.fromEntries(members);
};

const changedText = (text: string, draw: Draw): string => {
  // A document must stay one, or no encoder can give it.
  const inner = documentIn(text);
  if (inner !== undefined) return JSON.stringify(changed(inner, draw));
  const at = draw([0, 1, 2, 3, text.length]);
  return draw([
    `${text.slice(0, at)}new${text.slice(at)}`,
    `${text.slice(0, at)}${text.slice(at + 1)}`,
    "other",
    text.replace(/\w+$/, "end"),
    `${text}$\{x}`,
  ]);
};

const changedList = (value: readonly Json[], draw: Draw): Json => {
  const items = value.map((item) => (draw([0, 0, 1]) === 1 ? changed(item, draw) : item));
  if (draw([0, 0, 1]) === 1) items.splice(draw([0, 1, 2]), 0, "fresh");
  if (draw([0, 0, 0, 1]) === 1) items.splice(draw([0, 1, 2]), 1);
  return items;
};
