import { expect, test } from "vitest";
import { chart } from "../../src/web/pages/chart.ts";
import { documentText } from "../../src/web/pages/html.ts";

test("no line leads over a week of which nothing is known", () => {
  const drawn = documentText(
    chart({
      ...{ id: "x", title: "Weeks", kind: "lines", text: String },
      columns: ["2026-01-05", "2026-01-12", "2026-01-19", "2026-01-26", "2026-02-02, not a whole week"],
      series: [{ name: "found", values: [null, 2, 4, null, 3] }],
    }),
  );
  const lines = [...drawn.matchAll(/<polyline points="([^"]*)"/g)].map(
    ([, points]) => points?.split(" ").length,
  );
  expect(lines).toEqual([2, 1]);
  expect(drawn.match(/<circle/g)).toHaveLength(3);
  expect(drawn).toContain(">02-02</text>");
  expect(drawn).toContain("2026-02-02, not a whole week");
});
