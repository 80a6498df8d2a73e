import fc from "fast-check";
import { expect, test } from "vitest";
import { phaseOf, piecesOf } from "../../src/web/pages/assets/log-lines.js";

const ESC = "\u001b";
const told = (line: string) => piecesOf(line).map(({ text, tone }) => (tone === "" ? text : [tone, text]));

test("colours and weight become looks of their own; what else is said to a terminal is gone", () => {
  expect(told(`a ${ESC}[1;31mError:${ESC}[0m b`)).toEqual(["a ", ["c1 bold", "Error:"], " b"]);
  expect(told(`${ESC}[92mup${ESC}[22;39m to date`)).toEqual([["c2", "up"], " to date"]);
  expect(told(`${ESC}[1mx${ESC}[22my${ESC}[mz`)).toEqual([["bold", "x"], "y", "z"]);
  expect(told(`${ESC}[38;5;31mp${ESC}[48;2;1;31;3mq`)).toEqual(["p", "q"]);
  expect(told(`a${ESC}[2K\rb\u0007${ESC}]0;title\u0007c\td`)).toEqual(["a", "b", "c\td"]);
  expect(told("")).toEqual([]);
});

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
