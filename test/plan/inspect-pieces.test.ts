import { existsSync, globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { loadCatalogue } from "../../src/adapters/catalogue-files.ts";
import type { Inspection } from "../../src/model/plan.ts";
import { inspectPlanText } from "../../src/plan/inspect.ts";
import { inspectPlanPieces } from "../../src/plan/inspect-pieces.ts";
import { readMembers } from "../../src/plan/json-members.ts";
import { decodePlanBytes } from "../../src/plan/plan-text.ts";
import { changeEntry, planText } from "./plan-document.ts";

const catalogue = await loadCatalogue();

/** In chunks of so many bytes, one buffer for all as a file is read. */
const inPieces = (bytes: Uint8Array, size: number): Inspection | undefined =>
  inspectPlanPieces(() => chunksOf(bytes, size), catalogue);

function* chunksOf(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  const buffer = new Uint8Array(size);
  for (let at = 0; at < bytes.length; at += size) {
    const chunk = bytes.subarray(at, at + size);
    buffer.set(chunk);
    yield buffer.subarray(0, chunk.length);
  }
}

const whole = (bytes: Uint8Array): Inspection => inspectPlanText(decodePlanBytes(bytes), catalogue);

const orRefusal = (read: () => Inspection | undefined): Inspection | string | undefined => {
  try {
    return read();
  } catch (failure) {
    return String(failure);
  }
};

// Other projects' plans lie beside the checkout on the project's own machines only.
const corpora = fileURLToPath(new URL("../../../shared/corpora/", import.meta.url));
const files = existsSync(corpora) ? globSync("{plans,drift}/**/*.json", { cwd: corpora }).sort() : [];

test.skipIf(files.length === 0)(
  "every plan of the corpora is told alike in pieces and as a whole (skipped where they are absent)",
  () => {
    let read = 0;
    for (const file of files) {
      const bytes = readFileSync(`${corpora}${file}`);
      const pieces = orRefusal(() => inPieces(bytes, 1000));
      if (pieces === undefined) continue;
      read += 1;
      expect(pieces, file).toEqual(orRefusal(() => whole(bytes)));
    }
    expect(read).toBeGreaterThan(40);
  },
);

describe("a plan in pieces", () => {
  const drift = changeEntry("aws_s3_bucket.a", ["update"], { before: { x: 1 }, after: { x: 2 } });
  const back = changeEntry("aws_s3_bucket.a", ["update"], { before: { x: 2 }, after: { x: 1 } });
  const moved = changeEntry(
    "aws_s3_bucket.c",
    ["update"],
    { before: { x: 2 }, after: { x: 1, id: 12345678901234567890n.toString() } },
    { previous_address: "aws_s3_bucket.a" },
  );
  const text = planText({
    planned_values: { '\\é"': [{}, [], -1.5e3, true, null, "\u2028 😀"] },
    resource_drift: [drift],
    resource_changes: [back, moved],
    errored: true,
  });

  test("wherever the chunks end, it says the same", () => {
    const bytes = Buffer.from(text);
    for (const size of [1, 2, 3, 7, 64, 1 << 20]) expect(inPieces(bytes, size)).toEqual(whole(bytes));
  });

  test("drift that comes after the changes is seen too", () => {
    const bytes = Buffer.from(
      planText({ resource_changes: [back, moved], resource_drift: [drift], format_version: "1.2" }),
    );
    expect(inPieces(bytes, 100)?.revertsDrift).toEqual([
      { address: "aws_s3_bucket.a", path: "x", exact: true },
    ]);
    expect(inPieces(bytes, 100)).toEqual(whole(bytes));
  });

  test.each([
    ["cut off", text.slice(0, -1)],
    ["cut off in a value", text.slice(0, text.indexOf("previous_address"))],
    ["twice", text + text],
    ["behind a command line", `[command]terraform show\n${text}`],
    ["with something behind it", `${text}done`],
    ["broken where it is skipped", text.replace("-1500", "-01500")],
    ["broken where it is read", text.replace('"actions":', '"actions"')],
    ["with a comma too many", text.replace("[{},[],", "[{},[],,")],
    ["with a bracket that closes another", text.replace("[{},[]", "[{},[}")],
    [
      "with a list that is none",
      text.replace(/"resource_drift":\[/, '"resource_drift":{"a":[').replace(/$/, "}"),
    ],
    ["without a version", text.replace('"format_version":"1.2",', "")],
    ["of a state", '{"format_version":"1.0","values":{}}'],
    ["of words", '{"resource_changes":[1]}'],
    ["empty", ""],
    ["in UTF-16", Buffer.from(`\uFEFF${text}`, "utf16le")],
  ])("left to the reader of whole texts: %s", (_name, given) => {
    expect(inPieces(Buffer.from(given as string), 50)).toBeUndefined();
  });

  test("a format that is not known is refused", () => {
    expect(() => inPieces(Buffer.from(text.replace("1.2", "9.0")), 50)).toThrow(/format_version/);
  });
});

test("any JSON object is taken, and no text that JSON.parse refuses", () => {
  const accepts = (text: string, size: number, taken: "skip" | "whole"): boolean => {
    const reader = { taking: () => taken, take: (_name: string, value: string) => void JSON.parse(value) };
    try {
      return readMembers(chunksOf(Buffer.from(text), size), reader);
    } catch {
      return false;
    }
  };
  const isObject = (text: string): boolean => {
    try {
      return /^\s*\{/.test(text) && typeof JSON.parse(text) === "object";
    } catch {
      return false;
    }
  };
  const change = fc.tuple(fc.nat(), fc.nat(3), fc.constantFrom(...'{}[],:"\\ 0-.eEtu\n\t'));
  fc.assert(
    fc.property(
      fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue()),
      fc.option(change),
      fc.nat(20),
      (value, edit, size) => {
        const text = JSON.stringify(value, null, size % 3);
        const at = edit ? edit[0] % text.length : 0;
        const given = edit ? text.slice(0, at) + edit[2] + text.slice(at + edit[1]) : text;
        expect(accepts(given, size + 1, "skip")).toBe(isObject(given));
        expect(accepts(given, size + 1, "whole")).toBe(isObject(given));
      },
    ),
    { numRuns: 1000 },
  );
});
