import type { Constraint, MergeStmt, Node } from "libpg-query";
import { all, as, strings, within } from "./nodes.ts";
import { type Hit, hit } from "./rules.ts";
import { keyOfParts, type Scene } from "./scene.ts";

/** What only servers newer than the target understand: the parser here is the newest one's. */
export const checkVersion = (node: Node, scene: Scene): readonly Hit[] => [
  ...syntaxOf(node)
    .filter(({ since }) => since > scene.version)
    .map(({ what, since }) => tooNew(what, since, scene)),
  ...functionsOf(node, scene),
];

const tooNew = (what: string, since: number, { version }: Scene, over: Partial<Hit> = {}): Hit =>
  hit("newer-syntax", { what, since: String(since), version: String(version) }, over);

interface Syntax {
  readonly what: string;
  readonly since: number;
}

const syntaxOf = (node: Node): readonly Syntax[] => [
  ...within(node, "Constraint").flatMap(constraintSyntax),
  ...all(as(node, "AlterTableStmt")?.cmds, "AlterTableCmd").flatMap(({ subtype = "", def }) => {
    const notNull = as(def, "Constraint")?.contype === "CONSTR_NOTNULL" && subtype === "AT_AddConstraint";
    const known = COMMANDS[subtype];
    return [
      ...(known ? [known] : []),
      ...(notNull ? [{ what: "ADD CONSTRAINT ... NOT NULL", since: 18 }] : []),
    ];
  }),
  ...(as(node, "IndexStmt")?.nulls_not_distinct === true ? [NULLS_NOT_DISTINCT] : []),
  ...[as(node, "MergeStmt"), ...within(node, "MergeStmt")].flatMap((merge) => mergeSyntax(merge)),
  ...Object.entries(EXPRESSIONS).flatMap(([kind, syntax]) =>
    within(node, kind as "JsonTable").length > 0 ? [syntax] : [],
  ),
];

const NULLS_NOT_DISTINCT: Syntax = { what: "NULLS NOT DISTINCT", since: 15 };

const constraintSyntax = (constraint: Constraint): readonly Syntax[] => {
  const { contype, generated_kind, is_enforced, without_overlaps, nulls_not_distinct } = constraint;
  const enforceable = contype === "CONSTR_CHECK" || contype === "CONSTR_FOREIGN";
  const unforced = contype === "CONSTR_ATTR_NOT_ENFORCED" || (enforceable && is_enforced !== true);
  return [
    ...(generated_kind === "v" ? [{ what: "A virtual generated column", since: 18 }] : []),
    ...(unforced ? [{ what: "NOT ENFORCED", since: 18 }] : []),
    ...(without_overlaps === true ? [{ what: "WITHOUT OVERLAPS", since: 18 }] : []),
    ...(nulls_not_distinct === true ? [NULLS_NOT_DISTINCT] : []),
  ];
};

const mergeSyntax = (merge: MergeStmt | null): readonly Syntax[] => {
  if (merge === null) return [];
  const kinds = all(merge.mergeWhenClauses, "MergeWhenClause").map(({ matchKind }) => matchKind);
  return [
    { what: "MERGE", since: 15 },
    ...(merge.returningClause ? [{ what: "MERGE ... RETURNING", since: 17 }] : []),
    ...(kinds.includes("MERGE_WHEN_NOT_MATCHED_BY_SOURCE")
      ? [{ what: "WHEN NOT MATCHED BY SOURCE", since: 17 }]
      : []),
  ];
};

const COMMANDS: Readonly<Record<string, Syntax>> = {
  AT_SetExpression: { what: "SET EXPRESSION", since: 17 },
  AT_DropExpression: { what: "DROP EXPRESSION", since: 13 },
  AT_SetCompression: { what: "SET COMPRESSION", since: 14 },
  AT_DetachPartitionFinalize: { what: "DETACH PARTITION ... FINALIZE", since: 14 },
};

const EXPRESSIONS: Readonly<Record<string, Syntax>> = {
  JsonTable: { what: "JSON_TABLE", since: 17 },
  JsonFuncExpr: { what: "JSON_EXISTS, JSON_QUERY and JSON_VALUE", since: 17 },
  JsonIsPredicate: { what: "IS JSON", since: 16 },
  JsonObjectConstructor: { what: "JSON_OBJECT", since: 16 },
  JsonArrayConstructor: { what: "JSON_ARRAY", since: 16 },
  ReturningOption: { what: "RETURNING WITH", since: 18 },
};

// A function of that name may be the target's own.
const functionsOf = (node: Node, scene: Scene): readonly Hit[] =>
  within(node, "FuncCall")
    .map(({ funcname }) => strings(funcname).filter((part) => part !== "pg_catalog"))
    .filter((parts) => parts.length === 1 && !scene.routines.has(keyOfParts(scene, parts)))
    .flatMap(([name = ""]) => {
      const since = FUNCTIONS.get(name) ?? 0;
      return since > scene.version ? [tooNew(`${name}()`, since, scene, { severity: "warn" })] : [];
    });

const FUNCTIONS: ReadonlyMap<string, number> = new Map(
  Object.entries({
    13: "gen_random_uuid",
    14: "date_bin range_agg string_to_table trim_array unistr",
    15: "regexp_count regexp_instr regexp_like regexp_substr",
    16: "any_value array_sample array_shuffle random_normal date_add date_subtract pg_input_is_valid",
    17: "to_bin to_oct xmltext uuid_extract_timestamp uuid_extract_version",
    18: "uuidv4 uuidv7 array_sort array_reverse casefold crc32 crc32c gamma lgamma",
  }).flatMap(([since, names]) => names.split(" ").map((name): [string, number] => [name, Number(since)])),
);
