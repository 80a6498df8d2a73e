import fc from "fast-check";
import { expect, test } from "vitest";
import type { LogPart, LogWish } from "../../src/model/run-log.ts";
import { searchLog } from "../../src/web/api/log-search.ts";

/** A log that is read in parts of whole lines, as the kept one is. */
const logOf =
  (lines: readonly string[], most: number) =>
  async ({ from = 0 }: LogWish): Promise<LogPart> => {
    const all = Buffer.from(lines.map((line) => `${line}\n`).join(""));
    const some = all.subarray(from, from + most);
    const upTo = from + some.length < all.length ? some.lastIndexOf("\n") + 1 || some.length : some.length;
    const text = some.subarray(0, upTo).toString();
    return { state: "succeeded", from, next: from + upTo, bytes: all.length, text };
  };

const COLOURS = new RegExp(`${"\u001b"}\\[\\d+m`, "g");

const allOf = async (read: ReturnType<typeof logOf>, wanted: string) => {
  const found = [];
  for (let cursor: string | undefined; ; ) {
    const part = await searchLog(read, wanted, cursor);
    found.push(...(part?.hits ?? []));
    if (part?.next == null) return found;
    cursor = part.next;
  }
};

test("every line that holds it is found once, in order, by its number and its byte, however long the log is", async () => {
  const line = fc.constantFrom(
    "plan",
    "a \u001b[31mPl\u001b[0man",
    "",
    "äß plain",
    "nothing",
    "x".repeat(90),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { maxLength: 300 }),
      fc.integer({ min: 100, max: 900 }),
      async (lines, most) => {
        const expected = lines.flatMap((text, index) =>
          /pl/i.test(text.replaceAll(COLOURS, "")) ? [index + 1] : [],
        );
        const read = logOf(lines, most);
        const found = await allOf(read, "PL");
        expect(found.map((hit) => hit.line)).toEqual(expected);
        const [last] = found.slice(-1);
        if (last) expect((await read({ from: last.at })).text.split("\n")[0]).toBe(lines[last.line - 1]);
      },
    ),
    { numRuns: 50 },
  );
});

test("a question tells a hundred lines at most, and where to go on", async () => {
  const read = logOf(
    Array.from({ length: 250 }, (_, at) => `line ${at}`),
    700,
  );
  const first = await searchLog(read, "line", undefined);
  expect([first?.hits.length, first?.hits[0]]).toEqual([100, { line: 1, at: 0, text: "line 0" }]);
  const second = await searchLog(read, "line", first?.next ?? "");
  expect(second?.hits[0]).toMatchObject({ line: 101, text: "line 100" });
  expect((await searchLog(read, "line 249", undefined))?.next).toBeNull();
});

test("a hit leads to its byte in what is kept, where what is shown is shorter", async () => {
  const part = { state: "succeeded", from: 0, next: 30, bytes: 30, text: "(redacted)\nline\n" } as const;
  const found = await searchLog(async () => ({ ...part, lineStarts: [0, 25, 30] }), "line", undefined);
  expect(found?.hits).toEqual([{ line: 2, at: 25, text: "line" }]);
});

test("a long line is cut around the place, without its colours", async () => {
  const long = `${"a".repeat(1000)}\u001b[1mhere\u001b[0m${"b".repeat(1000)}`;
  const [hit] = (await searchLog(logOf([long], 9_000), "ahere", undefined))?.hits ?? [];
  expect(hit?.text).toMatch(/^…a+hereb+…$/);
  expect(hit?.text).toHaveLength(302);
});

test.each(["x", "1.2", "-1.0.0", "1.2.3.4"])("%s is no place in a log", async (cursor) => {
  await expect(searchLog(logOf([], 9), "a", cursor)).rejects.toMatchObject({ code: "bad-cursor" });
});
