import { expect, test } from "vitest";
import { desiredIssue, desiredIssueMarker } from "../../src/report/desired-issue.ts";

test("the issue says why nothing is proposed, harmless and cut", () => {
  const troubles = [
    "@everyone <b>[x](http://evil)\n# head",
    ...Array.from({ length: 40 }, (_, n) => `t${n}`),
  ];
  const { title, body } = desiredIssue("acme/infra//db", troubles);
  expect(title).toContain("acme/infra//db");
  expect(body).not.toMatch(/@everyone|<b>|\n#|http:/);
  expect(body).toContain("- and 11 more");
  expect(body.endsWith(desiredIssueMarker("acme/infra//db"))).toBe(true);
  expect(desiredIssueMarker("acme/infra//db")).not.toBe(desiredIssueMarker("acme/infra//db2"));
});
