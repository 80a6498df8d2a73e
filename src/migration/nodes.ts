import type { Constraint, Node, RangeVar, TypeName } from "libpg-query";

type Kind<N = Node> = N extends unknown ? keyof N : never;
type Body<K extends Kind> =
  Extract<Node, Readonly<Record<K, unknown>>> extends Readonly<Record<K, infer B>> ? B : never;

/** The body of a node of that kind, null for another kind. */
export const as = <K extends Kind>(node: Node | undefined, kind: K): Body<K> | null =>
  node !== undefined && kind in node ? (node as unknown as Readonly<Record<K, Body<K>>>)[kind] : null;

/** The bodies of all nodes of one kind in a list; others are left out. */
export const all = <K extends Kind>(nodes: readonly Node[] | undefined, kind: K): readonly Body<K>[] =>
  (nodes ?? []).map((node) => as(node, kind)).filter((body) => body !== null);

/** Every node of that kind at any depth, outermost first. */
export const within = <K extends Kind>(tree: unknown, kind: K): readonly Body<K>[] => {
  if (typeof tree !== "object" || tree === null) return [];
  const known = indexes.get(tree) ?? indexOf(tree);
  indexes.set(tree, known);
  return (known.get(kind) ?? []) as readonly Body<K>[];
};

/** A statement is asked for a dozen kinds, and never changes. */
const indexes = new WeakMap<object, ReadonlyMap<string, readonly unknown[]>>();

const indexOf = (tree: object): ReadonlyMap<string, readonly unknown[]> => {
  const found = new Map<string, unknown[]>();
  const waiting: object[] = [tree];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop())
    for (const [key, value] of Object.entries(next)) {
      if (typeof value !== "object" || value === null) continue;
      waiting.push(value);
      // Kinds of nodes begin with a capital, their fields do not.
      if (key >= "a") continue;
      const list = found.get(key);
      if (list) list.push(value);
      else found.set(key, [value]);
    }
  return found;
};

/** The texts of a list of String nodes. */
export const strings = (nodes: readonly Node[] | undefined): readonly string[] =>
  all(nodes, "String").map(({ sval }) => sval ?? "");

/** A table as people write it: `t`, `app.t`. */
export const shown = (range: RangeVar | undefined): string =>
  [range?.schemaname, range?.relname].filter((part) => part !== undefined).join(".") || "?";

/** A type with its modifiers: `numeric(10,2)`; built-in names are PostgreSQL's own, `int4`. */
export interface SqlType {
  readonly name: string;
  readonly mods: readonly number[];
  readonly array: boolean;
}

export const typeOf = (type: TypeName | undefined): SqlType => {
  const names = strings(type?.names);
  const builtIn = names[0] === "pg_catalog" ? names.slice(1) : names;
  return {
    name: builtIn.join("."),
    mods: all(type?.typmods, "A_Const").map(({ ival }) => ival?.ival ?? 0),
    array: (type?.arrayBounds ?? []).length > 0,
  };
};

export const shownType = ({ name, mods, array }: SqlType): string =>
  `${PLAIN[name] ?? name}${mods.length === 0 ? "" : `(${mods.join(",")})`}${array ? "[]" : ""}`;

const PLAIN: Readonly<Record<string, string>> = {
  int2: "smallint",
  int4: "integer",
  int8: "bigint",
  float4: "real",
  float8: "double precision",
  bool: "boolean",
  bpchar: "char",
};

/** The columns that a CHECK proves to hold no NULL: `a IS NOT NULL`, also joined by AND. */
export const provenNotNull = ({ contype, raw_expr, keys }: Constraint): readonly string[] => {
  if (contype === "CONSTR_NOTNULL") return strings(keys);
  return contype === "CONSTR_CHECK" ? notNullIn(raw_expr) : [];
};

const notNullIn = (node: Node | undefined): readonly string[] => {
  const both = as(node, "BoolExpr");
  if (both?.boolop === "AND_EXPR") return (both.args ?? []).flatMap(notNullIn);
  const test = as(node, "NullTest");
  if (test?.nulltesttype !== "IS_NOT_NULL") return [];
  const column = strings(as(test.arg, "ColumnRef")?.fields).at(-1);
  return column === undefined ? [] : [column];
};

/** The value of an option such as `(FULL false)`; null where it is not there, `""` where it has none. */
export const optionText = (options: readonly Node[] | undefined, name: string): string | null => {
  const found = all(options, "DefElem").find(({ defname }) => defname === name);
  if (!found) return null;
  const { arg } = found;
  const integer = as(arg, "Integer");
  if (integer) return String(integer.ival ?? 0);
  const boolean = as(arg, "Boolean");
  if (boolean) return String(boolean.boolval ?? false);
  return as(arg, "String")?.sval ?? "";
};

/** Whether a switch is on: `FULL`, `(FULL)`, `(FULL on)`. */
export const optionOn = (options: readonly Node[] | undefined, name: string): boolean => {
  const text = optionText(options, name);
  return text !== null && !["false", "off", "0", "no"].includes(text.toLowerCase());
};

/** Whether what is written inside a statement also runs: not in a routine's body, a rule, a plan that is only asked for. */
export const runsNow = (node: Node): boolean => {
  const explain = as(node, "ExplainStmt");
  if (explain) return optionOn(explain.options, "analyze");
  return !["CreateFunctionStmt", "RuleStmt", "PrepareStmt"].some((kind) => kind in node);
};

/** What a statement sets for its session or transaction: SET, and set_config of texts that stand there. */
export const settingsOf = (
  node: Node,
): readonly { readonly name: string; readonly values: readonly string[]; readonly isLocal: boolean }[] => {
  const set = as(node, "VariableSetStmt");
  const textsIn = (args: readonly Node[] | undefined) =>
    all(args, "A_Const").map(({ sval }) => sval?.sval ?? "");
  const called = within(as(node, "SelectStmt"), "FuncCall")
    .filter(({ funcname }) => strings(funcname).at(-1) === "set_config")
    .map(({ args }) => ({ texts: textsIn(args), isLocal: isTrue(args?.[2]) }))
    .map(({ texts: [name = "", value = ""], isLocal }) => ({
      ...{ name, isLocal },
      values: value.split(/\s*,\s*/),
    }));
  if (set?.kind !== "VAR_SET_VALUE") return called;
  return [{ name: set.name ?? "", values: textsIn(set.args), isLocal: set.is_local === true }];
};

/** Whether it is written as `true`. */
export const isTrue = (node: Node | undefined): boolean => as(node, "A_Const")?.boolval?.boolval === true;
