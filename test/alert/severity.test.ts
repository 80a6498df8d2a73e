import { expect, test } from "vitest";
import { severityOf } from "../../src/alert/severity.ts";
import type { Severity } from "../../src/model/alert.ts";
import type { ChangeClass } from "../../src/model/change-class.ts";
import type { Finding } from "../../src/model/finding.ts";
import { isOpening } from "../../src/risk/opening.ts";

const finding = (more: Partial<Finding>): Finding => ({
  ...{ address: "aws_x.y", path: "size", cause: "console", sensitive: false },
  ...{ recorded: null, actual: null, desired: null },
  ...more,
});

const CASES: readonly [string, Partial<Finding>, ChangeClass | null, Severity][] = [
  ["a tag", { path: "tags.Owner", actual: "x" }, null, "info"],
  ["a size", {}, null, "warning"],
  ["a secret", { path: "tags.key", sensitive: true }, null, "warning"],
  ["something deleted", { cause: "vanished", path: "" }, null, "error"],
  ["a database deleted", { cause: "vanished", path: "" }, "R4", "critical"],
  ["backups off", { path: "backup_retention_period" }, "R3", "error"],
  [
    "a port open to the world",
    { path: "ingress[0].cidr_blocks", desired: ["10.0.0.0/8"], actual: ["10.0.0.0/8", "0.0.0.0/0"] },
    null,
    "critical",
  ],
  [
    "one more address of a list",
    { path: "ingress[0].cidr_blocks[1]", actual: "0.0.0.0/0" },
    null,
    "critical",
  ],
  [
    "a whole rule",
    { path: "ingress", desired: [], actual: [{ from_port: 5432, cidr_blocks: ["::/0"] }] },
    null,
    "critical",
  ],
  ["a way out", { path: "egress[0].cidr_blocks", desired: [], actual: ["0.0.0.0/0"] }, null, "warning"],
  [
    "it was open before",
    { path: "cidr_blocks", desired: ["0.0.0.0/0"], actual: ["0.0.0.0/0", "10.0.0.0/8"] },
    null,
    "warning",
  ],
  [
    "a database that everybody may reach",
    { path: "publicly_accessible", desired: false, actual: true },
    null,
    "critical",
  ],
  [
    "one that nobody may reach any more",
    { path: "publicly_accessible", desired: true, actual: false },
    null,
    "warning",
  ],
  ["a bucket for everybody", { path: "acl", desired: "private", actual: "public-read" }, null, "critical"],
];

test.each(CASES)("%s", (_name, more, danger, expected) => {
  const one = finding(more);
  expect(severityOf({ ...one, danger, opensToWorld: isOpening(one) })).toBe(expected);
});
