import type { SqlFinding, SuppressedSqlFinding } from "../model/sql-lint.ts";
import { RULES } from "./rules.ts";
import type { PlacedComment } from "./script.ts";

/** What a `plumbline:ignore` comment says. */
export interface Suppression {
  readonly comment: PlacedComment;
  readonly rules: readonly string[];
  readonly reason: string;
  readonly owner: string;
  /** `YYYY-MM-DD`; null for good. */
  readonly until: string | null;
}

export type ReadSuppression =
  | { readonly ok: true; readonly suppression: Suppression }
  | { readonly ok: false; readonly comment: PlacedComment; readonly why: string };

/** Null for a comment that is none. */
export const readSuppression = (comment: PlacedComment): ReadSuppression | null => {
  const said = /^plumbline:ignore(?![\w-])([\s\S]*)$/.exec(comment.text)?.[1];
  if (said === undefined) return null;
  const rest = said.replaceAll(ATTRIBUTE, "").trim();
  const rules = rest.split(/[\s,]+/).filter((rule) => rule !== "");
  const given = new Map(
    [...said.matchAll(ATTRIBUTE)].map(([, key = "", , a, b, c]) => [key, (a ?? b ?? c ?? "").trim()]),
  );
  const why = problemOf(rules, given);
  if (why !== null) return { ok: false, comment, why };
  const {
    reason = "",
    owner = "",
    until = null,
  } = Object.fromEntries(given) as Partial<Record<string, string>>;
  return { ok: true, suppression: { comment, rules, reason, owner, until } };
};

const ATTRIBUTE = /([\w-]+)\s*=\s*("([^"]*)"|'([^']*)'|([^\s"',]+))/g;
const KEYS = ["reason", "owner", "until"];
const UNDENIABLE = /^(syntax-error|psql-command|suppression-.*)$/;

const problemOf = (rules: readonly string[], given: ReadonlyMap<string, string>): string | null => {
  if (rules.length === 0) return "it names no rule";
  const unknown = rules.find((rule) => !Object.hasOwn(RULES, rule));
  if (unknown !== undefined) return `there is no rule ${unknown}`;
  const undeniable = rules.find((rule) => UNDENIABLE.test(rule));
  if (undeniable !== undefined) return `${undeniable} cannot be ignored`;
  const foreign = [...given.keys()].find((key) => !KEYS.includes(key));
  if (foreign !== undefined) return `it knows reason, owner and until, not ${foreign}`;
  const missing = ["reason", "owner"].filter((key) => !given.get(key));
  if (missing.length > 0) return `it gives no ${missing.join(" and no ")}`;
  const until = given.get("until");
  return until === undefined || isDay(until) ? null : `until=${until} is no day (YYYY-MM-DD)`;
};

const isDay = (text: string): boolean => {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
};

/** Parts a statement's findings into those that stay and those that a comment accepts; `today` is `YYYY-MM-DD`. */
export const applySuppressions = (
  findings: readonly SqlFinding[],
  suppressions: readonly Suppression[],
  today: string,
): { readonly findings: readonly SqlFinding[]; readonly suppressed: readonly SuppressedSqlFinding[] } => {
  const counting = suppressions.filter(({ until }) => until === null || until >= today);
  const suppressed: SuppressedSqlFinding[] = [];
  const left = findings.filter((finding) => {
    const accepted = counting.find(({ rules }) => rules.includes(finding.rule));
    if (!accepted) return true;
    const { owner, reason, until } = accepted;
    suppressed.push({ ...finding, owner, reason, until });
    return false;
  });
  return { findings: left, suppressed };
};
