import type { ColumnDef, Constraint, RangeVar } from "libpg-query";
import { checkAddConstraint } from "./check-constraint.ts";
import { all, shown, strings, typeOf, within } from "./nodes.ts";
import { type Hit, hit } from "./rules.ts";
import { CHECKED_DOMAIN, isMade, madeKey, type Scene } from "./scene.ts";

/** ADD COLUMN on a table that may hold rows. */
export const checkAddColumn = (
  column: ColumnDef,
  relation: RangeVar | undefined,
  scene: Scene,
): readonly Hit[] => {
  const constraints = all(column.constraints, "Constraint");
  const name = `${shown(relation)}.${column.colname ?? ""}`;
  const rewrite = rewriteBy(column, constraints, scene);
  const filled =
    rewrite !== null ||
    constraints.some((each) => each.contype === "CONSTR_DEFAULT" && !isNull(each)) ||
    has(constraints, "CONSTR_GENERATED");
  const required = has(constraints, "CONSTR_NOTNULL") || has(constraints, "CONSTR_PRIMARY");
  return [
    ...(rewrite === null ? [] : [hit("add-column-rewrite", { name, what: rewrite })]),
    ...(rewrite === null ? checkUnknownDefault(constraints, name, scene) : []),
    ...(required && !filled ? [hit("add-column-not-null", { name })] : []),
    ...constraints
      .filter(({ contype }) => contype !== "CONSTR_NOTNULL")
      .flatMap((constraint) => checkAddConstraint(constraint, relation))
      .map((each) => (each.rule === "foreign-key-lock" && !filled ? unchecked(each) : each)),
  ];
};

// The server knows that a column which holds nothing refers to nothing.
const unchecked = (each: Hit): Hit => ({
  ...each,
  severity: "warn",
  values: { ...each.values, cost: "writers of both wait for the lock, if briefly; no row has to be checked" },
});

const has = (constraints: readonly Constraint[], kind: Constraint["contype"]): boolean =>
  constraints.some(({ contype }) => contype === kind);

/** Why every row is written again, null where none is. */
const rewriteBy = (column: ColumnDef, constraints: readonly Constraint[], scene: Scene): string | null => {
  const type = typeOf(column.typeName).name;
  if (/^(small|big)?serial[248]?$/.test(type)) return `type ${type}, whose default is nextval`;
  if (scene.made.has(madeKey(scene, CHECKED_DOMAIN, strings(column.typeName?.names))))
    return `domain ${type}, whose constraint every row has to pass`;
  if (has(constraints, "CONSTR_IDENTITY")) return "an identity, which numbers every row";
  const generated = constraints.find(({ contype }) => contype === "CONSTR_GENERATED");
  if (generated && generated.generated_kind !== "v") return "a stored generated value";
  const fallback = constraints.find(({ contype }) => contype === "CONSTR_DEFAULT");
  if (!fallback) return null;
  if (scene.version < 11 && !isNull(fallback))
    return "a default, which before version 11 is written to every row";
  const volatile = functionsOf(fallback).find((name) => VOLATILE.has(name));
  return volatile === undefined ? null : `the volatile default ${volatile}()`;
};

const isNull = ({ raw_expr }: Constraint): boolean =>
  raw_expr !== undefined && "A_Const" in raw_expr && raw_expr.A_Const.isnull === true;

const functionsOf = ({ raw_expr }: Constraint): readonly string[] =>
  within(raw_expr, "FuncCall").map(({ funcname }) => strings(funcname).at(-1) ?? "");

const VOLATILE: ReadonlySet<string> = new Set([
  "random",
  "random_normal",
  "gen_random_uuid",
  "uuidv4",
  "uuidv7",
  "uuid_generate_v1",
  "uuid_generate_v1mc",
  "uuid_generate_v4",
  "gen_random_bytes",
  "gen_salt",
  "clock_timestamp",
  "timeofday",
  "nextval",
  "currval",
  "lastval",
  "setval",
  "txid_current",
  "pg_sleep",
]);

const checkUnknownDefault = (
  constraints: readonly Constraint[],
  name: string,
  scene: Scene,
): readonly Hit[] => {
  const fallback = constraints.find(({ contype }) => contype === "CONSTR_DEFAULT");
  const unknown = fallback && functionsOf(fallback).find((called) => !SETTLED.has(called));
  if (unknown === undefined) return [];
  const own = isMade(scene, "function", [unknown]);
  return [
    hit("add-column-unknown-default", { name, what: `${unknown}()${own ? ", made in this file" : ""}` }),
  ];
};

// Built-in functions that a default plausibly calls and that give one value for the whole statement.
const SETTLED: ReadonlySet<string> = new Set(
  [
    "now statement_timestamp transaction_timestamp timezone date_trunc to_timestamp make_interval make_date age",
    "lower upper concat format replace coalesce md5 sha256 encode decode left right trim btrim length repeat substr",
    "jsonb_build_object jsonb_build_array json_build_object json_build_array to_jsonb to_json row_to_json",
    "array_fill array_append string_to_array abs round floor ceil power point int4range int8range numrange",
    "tsrange tstzrange daterange to_tsvector current_setting current_user session_user inet_client_addr",
    "date_part extract to_char to_date hstore make_timestamptz make_timestamp make_time",
  ].flatMap((line) => line.split(" ")),
);
