import fc from "fast-check";
import { expect, test } from "vitest";
import { phaseOf, piecesOf } from "../../src/web/pages/assets/log-lines.js";
import { LOG_COLOURS } from "../../src/web/pages/log-style.ts";
import { STYLE } from "../../src/web/pages/style.ts";

const ESC = "\u001b";
const told = (line: string) => piecesOf(line).map(({ text, tone }) => (tone === "" ? text : [tone, text]));

test("colours and weight become looks of their own; what else is said to a terminal is gone", () => {
  expect(told(`a ${ESC}[1;31mError:${ESC}[0m b`)).toEqual(["a ", ["c1 bold", "Error:"], " b"]);
  expect(told(`${ESC}[92mup${ESC}[22;39m to date`)).toEqual([["c2", "up"], " to date"]);
  expect(told(`${ESC}[1mx${ESC}[22my${ESC}[mz`)).toEqual([["bold", "x"], "y", "z"]);
  expect(told(`a${ESC}[2K\rb\u0007${ESC}]0;title\u0007c\td`)).toEqual(["a", "b", "c\td"]);
  expect(told("")).toEqual([]);
});

test("of 256 and of all colours the nearest hue is shown, and greys as the page has them", () => {
  const toneOf = (order: string): string | undefined => piecesOf(`${ESC}[${order}mx`)[0]?.tone;
  const rows: readonly (readonly [orders: readonly string[], tone: string])[] = [
    [["38;5;1", "38;5;9", "31", "91"], "c1"],
    [["38;5;196", "38;2;255;0;0", "38:2::250:10:20", "38:5:196"], "h0"],
    [["38;5;208", "38;2;255;135;0"], "h1"],
    [["38;5;31", "38;2;0;135;175"], "h6"],
    [["38;5;244", "38;5;8", "90", "38;2;128;128;130"], "dim"],
    [["38;5;255", "38;5;232", "38;2;1;31;3", "48;5;16", "38;5", "38;9;9"], ""],
    [["41", "101", "48;5;1", "48;2;200;0;0"], "b0"],
    [["1;38;5;21;48;5;226", "38:5:21;48:2:255:255:0;1"], "h8 b2 bold"],
  ];
  for (const [orders, tone] of rows)
    expect(orders.map((order) => [order, toneOf(order)])).toEqual(orders.map((order) => [order, tone]));
  expect(told(`${ESC}[38;5;31mp${ESC}[39;44mq${ESC}[49mr`)).toEqual([["h6", "p"], ["b8", "q"], "r"]);
});

test("every colour of a log can be read on every ground, light and dark", () => {
  const [light = "", dark = ""] = [.../:root\{([^}]*)\}/g[Symbol.matchAll](STYLE)].map(([, all]) => all);
  for (const [look, root] of [[LOG_COLOURS.light, light] as const, [LOG_COLOURS.dark, dark] as const]) {
    const named = (name: string): string => new RegExp(`--${name}:#(\\w+)`).exec(root)?.[1] ?? "";
    const colours = ["text", "minor", "bad", "good", "warn", "note", "s3"].map(named);
    for (const ground of [named("raised"), ...look.ground])
      for (const colour of [...colours, ...look.text])
        expect(contrast(colour, ground), `${colour} on ${ground}`).toBeGreaterThanOrEqual(4.5);
  }
});

/** As WCAG reckons it. */
const contrast = (one: string, other: string): number => {
  const [less = 0, more = 0] = [one, other].map(luminance).sort((left, right) => left - right);
  return (more + 0.05) / (less + 0.05);
};
const luminance = (colour: string): number => {
  const parts = colour.length === 3 ? [...colour].map((one) => one + one) : (colour.match(/../g) ?? []);
  const [red = 0, green = 0, blue = 0] = parts
    .map((part) => Number.parseInt(part, 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};

test("markup stays text, and nothing that can be seen is lost", () => {
  expect(told(`<script>${ESC}[31m</script>`)).toEqual(["<script>", ["c1", "</script>"]]);
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "grapheme" })), (texts) => {
      const seen = texts.join("").replaceAll(/(?!\t)\p{Cc}/gu, "");
      const line = texts.join(`${ESC}[3${texts.length % 8}m`);
      expect(
        piecesOf(line)
          .map(({ text }) => text)
          .join(""),
      ).toBe(seen);
    }),
  );
});

test("phases begin with a line of their own", () => {
  expect([phaseOf("== plan"), phaseOf("=== plan"), phaseOf(" == plan"), phaseOf("== ")]).toEqual([
    "plan",
    undefined,
    undefined,
    undefined,
  ]);
});
