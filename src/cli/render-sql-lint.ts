import type { SqlFinding, SqlLintReport } from "../model/sql-lint.ts";
import { printable } from "./command.ts";

/** A lint report for a terminal: one paragraph a finding, then the sum. */
export const renderLint = (report: SqlLintReport, files: number): string => {
  const { findings, suppressed } = report;
  const errors = findings.filter(({ severity }) => severity === "error").length;
  const counts = [
    counted(errors, "error"),
    counted(findings.length - errors, "warning"),
    ...(suppressed.length > 0 ? [`${suppressed.length} accepted by comment`] : []),
  ];
  const sum = `${counted(files, "file")}, class ${report.class}: ${counts.join(", ")}.\n`;
  return [...findings.map(renderFinding), sum].join("\n");
};

const counted = (count: number, what: string): string =>
  `${count === 0 ? "no" : count} ${what}${count === 1 ? "" : "s"}`;

const renderFinding = (finding: SqlFinding): string => {
  const { file, line, column, severity, rule, message, fix, lock, rewrite } = finding;
  const costs = [
    finding.class,
    ...(lock ? [`${lock} lock`] : []),
    ...(rewrite === true ? ["rewrites the table"] : rewrite === "depends" ? ["may rewrite the table"] : []),
  ];
  const lines = [
    `${file}:${line}:${column}: ${severity} ${rule} (${costs.join(", ")})`,
    `  ${firstLine(finding.statement)}`,
    `  ${message}`,
    `  Fix: ${fix}`,
  ];
  return `${lines.map(printable).join("\n")}\n`;
};

const firstLine = (statement: string): string => {
  const [line = "", ...more] = statement.split(/\r\n|\n|\r/);
  const short = line.length > 120 ? line.slice(0, 117) : line;
  return more.length > 0 || short !== line ? `${short} ...` : short;
};
