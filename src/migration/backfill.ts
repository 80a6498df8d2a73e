import { createHash } from "node:crypto";
import { parseDocument } from "yaml";
import { z } from "zod";
import type { Backfill, DayWindow } from "../model/backfill.ts";
import { PlumblineError } from "../model/errors.ts";
import { verifyQuery } from "./backfill-verify.ts";
import type { HistoryRow } from "./history.ts";
import { compareVersions, isVersion } from "./names.ts";
import { as, within } from "./nodes.ts";
import { onlyStatement } from "./parse-script.ts";
import type { SqlParser } from "./script.ts";

export const BACKFILL_ENDING = ".backfill.yaml";

const time = z.string().regex(/^\d+(ms|s|min|h)?$/, "a time such as 500ms, 5s or 10min");
const window = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$/, "a window such as 08:00-18:00 (UTC)");

const FILE = z.strictObject({
  after: z
    .union([z.string(), z.number()])
    .transform(String)
    .refine(isVersion, "a version such as 12 or 1.3")
    .optional(),
  table: z.string().regex(/^[^.]+(\.[^.]+)?$/, "a table such as app.orders"),
  key: z.string().min(1),
  batch: z.int().min(1).max(1_000_000).default(1000),
  statement: z.string().min(1),
  throttle: z
    .strictObject({
      replication_lag: time.optional(),
      active_sessions: z.int().min(0).optional(),
      rest: time.default("50ms"),
    })
    .prefault({}),
  pause_between: z.array(window).default([]),
  outside_windows: z.boolean().default(false),
  lock_timeout: time.default("2s"),
  statement_timeout: time.default("1min"),
  dead_letters: z.int().min(0).default(100),
  error_budget: z
    .strictObject({
      share: z
        .string()
        .regex(/^(100|\d{1,2}(\.\d{1,4})?)%$/, "a share such as 5%")
        .default("10%"),
      in_a_row: z.int().min(1).max(10_000).default(20),
    })
    .prefault({}),
  verify: z
    .xor([
      z.strictObject({ where: z.string().min(1), timeout: time.default("5min") }),
      z.strictObject({ query: z.string().min(1), timeout: time.default("5min") }),
    ])
    .optional(),
});

/** Reads one file. `schema`: where a table without one is. @throws `sql-invalid` with every problem */
export const readBackfill = (
  file: string,
  text: string,
  { schema, parse }: { readonly schema: string; readonly parse: SqlParser },
): Backfill => {
  const name = file.slice(file.lastIndexOf("/") + 1, -BACKFILL_ENDING.length);
  const read = FILE.safeParse(documentOf(file, text));
  if (!read.success)
    throw invalid(
      file,
      read.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; "),
    );
  const { data } = read;
  const parts = data.table.split(".");
  const statement = statementOf(data.statement, parse);
  if ("trouble" in statement) throw invalid(file, `statement: ${statement.trouble}`);
  if (!/^\w[\w-]{0,99}$/.test(name))
    throw invalid(file, "its name has letters, digits, _ and - only, 100 at most");
  const place = { schema: parts.length === 2 ? (parts[0] ?? schema) : schema, table: parts.at(-1) ?? "" };
  const count = data.verify === undefined ? null : verifyQuery(data.verify, place, parse);
  if (data.verify !== undefined && count === null)
    throw invalid(file, "verify: one SELECT count(...), or a condition for WHERE");
  return {
    ...{ name, after: data.after ?? null, ...place },
    key: data.key,
    batch: data.batch,
    statement: statement.text,
    home: schema,
    throttle: {
      replicationLag:
        data.throttle.replication_lag === undefined
          ? null
          : milliseconds(data.throttle.replication_lag) / 1000,
      activeSessions: data.throttle.active_sessions ?? null,
      rest: milliseconds(data.throttle.rest),
    },
    pauseBetween: data.pause_between.map(windowOf),
    outsideWindows: data.outside_windows,
    lockTimeout: data.lock_timeout,
    statementTimeout: data.statement_timeout,
    deadLetters: data.dead_letters,
    errorBudget: {
      share: Number.parseFloat(data.error_budget.share) / 100,
      inARow: data.error_budget.in_a_row,
    },
    verify: data.verify && count !== null ? { query: count, timeout: data.verify.timeout } : null,
    checksum: createHash("sha256").update(text).digest("hex"),
  };
};

const invalid = (file: string, why: string): PlumblineError =>
  new PlumblineError("sql-invalid", `${file}: ${why}.`, { hint: "docs/sql.md says what a backfill holds." });

const documentOf = (file: string, text: string): unknown => {
  if (text.length > 100_000) throw invalid(file, "longer than 100,000 characters");
  const document = parseDocument(text);
  const [problem] = document.errors;
  if (problem) throw invalid(file, problem.message.split("\n")[0] ?? "not YAML");
  return document.toJS({ maxAliasCount: 0 });
};

/** The one statement without what is around it, or why it cannot be run for a range of keys. */
const statementOf = (
  written: string,
  parse: SqlParser,
): { readonly text: string } | { readonly trouble: string } => {
  const only = onlyStatement(written, parse);
  if (!only) return { trouble: "one statement, no more" };
  if (only.error) return { trouble: only.error.message };
  const [node] = only.nodes;
  const changed = as(node, "UpdateStmt") ?? as(node, "InsertStmt") ?? as(node, "DeleteStmt");
  if (changed === null) return { trouble: "an UPDATE, INSERT or DELETE" };
  if (changed.returningClause !== undefined) return { trouble: "no RETURNING" };
  const asked = new Set(within(node, "ParamRef").map(({ number }) => number));
  return asked.has(1) && asked.has(2)
    ? { text: only.text }
    : { trouble: "it has to name the range of keys: BETWEEN $1 AND $2" };
};

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, min: 60_000, h: 3_600_000, "": 1 };

const milliseconds = (text: string): number => {
  const [, amount = "0", unit = ""] = /^(\d+)(ms|s|min|h)?$/.exec(text) ?? [];
  return Number(amount) * (UNITS[unit] ?? 1);
};

const windowOf = (text: string): DayWindow => {
  const [from = 0, to = 0] = text.split("-").map((each) => {
    const [hours = 0, minutes = 0] = each.split(":").map(Number);
    return hours * 60 + minutes;
  });
  return { from, to };
};

/** Whether the version that a backfill comes after is applied, or lies below a baseline. */
export const isApplied = ({ after }: Pick<Backfill, "after">, history: readonly HistoryRow[]): boolean =>
  after === null ||
  history.some(
    ({ version, type, success }) =>
      success &&
      version !== null &&
      compareVersions(version, after) >= 0 &&
      (/BASELINE$/.test(type) || compareVersions(version, after) === 0),
  );

/** Milliseconds until the hours that hold `now` are over; 0 outside of them. */
export const pauseLeft = (windows: readonly DayWindow[], now: Date): number => {
  const minute = now.getUTCHours() * 60 + now.getUTCMinutes();
  const left = windows.map(({ from, to }) => {
    const inside = from <= to ? minute >= from && minute < to : minute >= from || minute < to;
    return inside ? (to - minute + 1440) % 1440 : 0;
  });
  const most = Math.max(0, ...left);
  return most === 0 ? 0 : most * 60_000 - (now.getUTCSeconds() * 1000 + now.getUTCMilliseconds());
};
