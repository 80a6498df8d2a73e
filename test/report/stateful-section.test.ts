import { expect, test } from "vitest";
import { pack } from "../../src/report/pack.ts";
import type { StatefulView } from "../../src/report/pull-view.ts";
import { statefulBlocks } from "../../src/report/stateful-section.ts";

const view = (more: Partial<StatefulView> = {}): StatefulView => ({
  class: "R4",
  found: "R4",
  claimed: null,
  sources: [],
  findings: [],
  approvals: [],
  missing: [],
  ...more,
});
const told = (more: Partial<StatefulView>): string => pack(statefulBlocks(view(more)), 60_000).join("\n");

test("class, the author's word and who approved stand in one line", () => {
  const text = told({
    claimed: "R3",
    sources: ["pull request", "db/migration-metadata.yaml"],
    approvals: [
      { role: "data-owner", by: "lee" },
      { role: "platform", by: null },
    ],
  });
  expect(text).toContain("Found: R4. The author says R3, in the description, `db/migration-metadata.yaml`.");
  expect(text).toContain("data-owner ✅ lee, platform ⏳");
});

test("names and words of the pull request stay text", () => {
  const text = told({
    findings: [
      {
        place: "a|b`<!-- x -->.sql:1",
        class: "R4",
        message: "Drops @everyone <img src=x> | #12",
        wayOut: "[click](http://x)",
      },
    ],
    approvals: [{ role: "data-owner", by: "@here" }],
  });
  expect(text).not.toMatch(/<img|@everyone|@here|[^\\]\[click\]|#12/);
  expect(text.split("\n").filter((line) => line.startsWith("| R4"))).toHaveLength(1);
});

test("the block to paste cannot close its own fence", () => {
  const text = told({
    missing: [{ gate: "stateful-change-missing", message: "M.", wayOut: "W:", example: "a: |\n  ```\n  b" }],
  });
  expect(text).toContain("````yaml\na: |\n  ```\n  b\n````");
});

test("a plan that takes a thousand things away tells the worst of them, and how many are left", () => {
  const findings = Array.from({ length: 1000 }, (_, index) => ({
    place: `aws_s3_bucket.b[${index}]`,
    class: "R4" as const,
    message: "Destroys the bucket.",
    wayOut: "Leave it.",
  }));
  const text = told({ findings });
  expect(text.split("\n").filter((line) => line.startsWith("| R4"))).toHaveLength(200);
  expect(text).toContain("800 more");
});
