import {
  entriesOf,
  type Pair,
  type PolicyFacts,
  type RelationFacts,
  sameFacts,
  type WatchFacts,
} from "./write-facts.ts";
import { identifier, literal, sqlName } from "./write-names.ts";
import type { Piece, WrittenStatement } from "./write-piece.ts";

/** The condition under which something that a text mentions has to go and come back; null where nothing has to. */
export type Forced = (text: string) => string | null;
const unforced: Forced = () => null;

/** Triggers, rules and policies of a table or view. */
export const writeRelationParts = (
  pair: Pair<RelationFacts>,
  forced: Forced = unforced,
): readonly Piece[] => [
  ...writeTriggers(pair, forced),
  ...writeRules(pair, forced),
  ...writePolicies(pair, forced),
];

/** Of a relation that goes: what on it holds on to something else that goes as well. */
export const loosenRelation = (
  { address, name, from }: Pair<RelationFacts>,
  goes: (text: string) => boolean,
): readonly Piece[] => {
  const held = [
    ...Object.entries(from?.triggers ?? {}).map(
      ([own, { definition }]) => ["TRIGGER", own, definition] as const,
    ),
    ...Object.entries(from?.rules ?? {}).map(([own, { definition }]) => ["RULE", own, definition] as const),
    ...Object.entries(from?.policies ?? {}).map(
      ([own, { using, check }]) => ["POLICY", own, `${using} ${check}`] as const,
    ),
  ];
  return held
    .filter(([, , text]) => goes(text))
    .map(([kind, own]) => dropPart(address, kind, `${identifier(own)} ON ${sqlName(name)}`));
};

const dropPart = (address: string, kind: string, on: string): WrittenStatement => ({
  address,
  step: "drop what depends",
  sql: `DROP ${kind} ${on}`,
  again: `DROP ${kind} IF EXISTS ${on}`,
});

const writeTriggers = (
  { address, name, from, to }: Pair<RelationFacts>,
  forced: Forced,
): readonly Piece[] => {
  const relation = sqlName(name);
  return entriesOf(from?.triggers, to?.triggers).flatMap(([trigger, before, after]): readonly Piece[] => {
    const on = `${identifier(trigger)} ON ${relation}`;
    const there = `pg_trigger WHERE tgrelid = to_regclass(${literal(relation)}) AND tgname = ${literal(trigger)}`;
    if (after === undefined) return [dropPart(address, "TRIGGER", on)];
    const changed = before !== undefined && before.definition !== after.definition;
    const condition = changed
      ? `(SELECT pg_get_triggerdef(oid) FROM ${there}) IS DISTINCT FROM ${literal(after.definition)}`
      : before && forced(before.definition);
    const remade = before === undefined || Boolean(condition);
    const sql = `ALTER TABLE ${relation} ${stateOf(after)} TRIGGER ${identifier(trigger)}`;
    return [
      ...(before !== undefined && condition
        ? [{ ...dropPart(address, "TRIGGER", on), needed: condition }]
        : []),
      ...(remade
        ? [
            {
              address,
              step: "watch",
              sql: after.definition,
              needed: `NOT EXISTS (SELECT FROM ${there})`,
            } as const,
          ]
        : []),
      ...((remade ? true : before.enabled) === after.enabled
        ? []
        : [{ address, step: "watch", sql } as const]),
    ];
  });
};

const stateOf = ({ enabled }: WatchFacts): string =>
  typeof enabled === "string" ? `ENABLE ${enabled.toUpperCase()}` : enabled ? "ENABLE" : "DISABLE";

const writeRules = ({ address, name, from, to }: Pair<RelationFacts>, forced: Forced): readonly Piece[] =>
  entriesOf(from?.rules, to?.rules).flatMap(([rule, before, after]): readonly Piece[] => {
    const on = `${identifier(rule)} ON ${sqlName(name)}`;
    const drop = dropPart(address, "RULE", on);
    if (after === undefined) return [drop];
    const condition = before === undefined ? null : forced(before.definition);
    const create: Piece = {
      address,
      step: "watch",
      sql: after.definition.replace(/;\s*$/, "").replace(/^CREATE RULE /, "CREATE OR REPLACE RULE "),
    };
    const sql = `ALTER TABLE ${sqlName(name)} ${stateOf(after)} RULE ${identifier(rule)}`;
    const made = before === undefined || condition !== null || before.definition !== after.definition;
    return [
      ...(condition === null ? [] : [{ ...drop, needed: condition }]),
      ...(made ? [create] : []),
      ...((made ? true : before.enabled) === after.enabled ? [] : [{ address, step: "watch", sql } as const]),
    ];
  });

const COMMANDS: Readonly<Record<string, string>> = {
  r: "SELECT",
  a: "INSERT",
  w: "UPDATE",
  d: "DELETE",
  "*": "ALL",
};

const writePolicies = ({ address, name, from, to }: Pair<RelationFacts>, forced: Forced): readonly Piece[] =>
  entriesOf(from?.policies, to?.policies).flatMap(([policy, before, after]): readonly Piece[] => {
    const on = `${identifier(policy)} ON ${sqlName(name)}`;
    const drop = dropPart(address, "POLICY", on);
    if (after === undefined) return [drop];
    const there = `pg_policy WHERE polrelid = to_regclass(${literal(sqlName(name))}) AND polname = ${literal(policy)}`;
    const create: Piece = {
      address,
      step: "watch",
      sql: `CREATE POLICY ${on} AS ${after.permissive ? "PERMISSIVE" : "RESTRICTIVE"} FOR ${COMMANDS[after.command] ?? "ALL"} ${ruleOf(after)}`,
      needed: `NOT EXISTS (SELECT FROM ${there})`,
    };
    if (before === undefined) return [create];
    const condition = forced(`${before.using ?? ""} ${before.check ?? ""}`);
    if (condition !== null) return [{ ...drop, needed: condition }, create];
    if (sameFacts(before, after)) return [];
    if (mayAlter(before, after))
      return [{ address, step: "watch", sql: `ALTER POLICY ${on} ${ruleOf(after)}` }];
    // The same end whether it was the old one or the new.
    return [drop, create];
  });

const ruleOf = ({ roles, using, check }: PolicyFacts): string =>
  [
    `TO ${roles.map((role) => (role === "PUBLIC" ? "PUBLIC" : identifier(role))).join(", ")}`,
    ...(using === null ? [] : [`USING (${using})`]),
    ...(check === null ? [] : [`WITH CHECK (${check})`]),
  ].join(" ");

// ALTER POLICY cannot take an expression away.
const mayAlter = (before: PolicyFacts, after: PolicyFacts): boolean =>
  before.command === after.command &&
  before.permissive === after.permissive &&
  (before.using === null || after.using !== null) &&
  (before.check === null || after.check !== null);

/** Storage parameters. `on`: `TABLE app.orders`. */
export const writeOptions = (
  address: string,
  on: string,
  from: readonly string[] | undefined,
  to: readonly string[] | undefined,
): readonly Piece[] => {
  const gone = (from ?? [])
    .map((option) => option.split("=")[0] ?? "")
    .filter((name) => !(to ?? []).some((option) => option.startsWith(`${name}=`)));
  const set = (to ?? []).filter((option) => !(from ?? []).includes(option)).map(optionText);
  const alter = (sql: string): Piece => ({ address, step: "describe", sql: `ALTER ${on} ${sql}` });
  return [
    ...(gone.length === 0 ? [] : [alter(`RESET (${gone.join(", ")})`)]),
    ...(set.length === 0 ? [] : [alter(`SET (${set.join(", ")})`)]),
  ];
};

/** `fillfactor=70`, as SQL takes it. */
export const optionText = (option: string): string => {
  const cut = option.indexOf("=");
  const value = option.slice(cut + 1);
  return `${option.slice(0, cut)}=${/^[\w.]+$/.test(value) ? value : literal(value)}`;
};
