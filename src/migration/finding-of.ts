import type { SqlFinding, SqlLock } from "../model/sql-lint.ts";
import type { Rule } from "./rule.ts";
import { type Hit, RULES, type RuleId } from "./rules.ts";
import type { Place } from "./script.ts";

/** A hit, with the rule's words filled in. */
export const findingOf = (file: string, statement: string, place: Place, hit: Hit): SqlFinding => {
  const rule: Rule = RULES[hit.rule];
  return {
    file,
    line: place.line,
    column: place.column,
    statement: withoutPasswords(statement),
    rule: hit.rule,
    class: hit.class ?? rule.class,
    severity: hit.severity ?? rule.severity,
    lock: hit.lock === undefined ? rule.lock : hit.lock,
    rewrite: hit.rewrite ?? rule.rewrite,
    message: [fill(rule.message, hit.values), ...(hit.said ?? [])].join(" "),
    fix: fill(rule.fix, hit.values),
    ...(hit.tables ? { tables: hit.tables } : {}),
  };
};

/** The lock that a rule warns of. */
export const lockOf = (rule: RuleId): SqlLock | null => RULES[rule].lock;

const fill = (text: string, values: Readonly<Record<string, string>>): string =>
  text.replaceAll(/\{(\w+)\}/g, (place, name: string) => values[name] ?? place);

const LONGEST = 2000;

/** Statement text as it may be shown and stored: passwords and connection strings hidden, very long ones cut. */
export const withoutPasswords = (statement: string): string => {
  const hidden = statement
    .replaceAll(/(\bpassword\s*=?\s*)(E?'(?:[^']|'')*'|\$(\w*)\$[\s\S]*?\$\3\$)/gi, "$1'***'")
    .replaceAll(/(\bpassword\s*=\s*)[^\s']+/gi, "$1***")
    .replaceAll(/(:\/\/[^\s/@:']*:)[^\s/@']+(?=@)/g, "$1***")
    .replaceAll(/(\bconnection\s+)E?'(?:[^']|'')*'/gi, "$1'***'");
  return hidden.length <= LONGEST ? hidden : `${hidden.slice(0, LONGEST)} ...`;
};
