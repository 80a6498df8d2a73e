import { AT_FIRST, writeComment, writeGrants } from "./write-access.ts";
import type { Pair, RoutineFacts } from "./write-facts.ts";
import { identifier, literal, sqlName } from "./write-names.ts";
import { routineText } from "./write-order.ts";
import type { Piece } from "./write-piece.ts";

/** Functions, procedures and aggregates. `again`: it has to be dropped and made anew, where this condition is true. */
export const writeRoutine = (
  { address, name, from, to }: Pair<RoutineFacts>,
  again: string | null,
): readonly Piece[] => {
  const kind = name.kind.toUpperCase();
  const signature = `${sqlName(name)}(${name.args || (name.kind === "aggregate" ? "*" : "")})`;
  const on = `${kind} ${signature}`;
  const drop = (step: "remove" | "drop routines", needed: string): Piece => ({
    address,
    step,
    sql: `DROP ${on}`,
    needed,
  });
  if (to === null) return [drop("remove", `EXISTS (SELECT ${thereIs(name)})`)];
  const made = from === null || again !== null ? null : from;
  const sql = to.definition.trimEnd().replace(/;$/, "");
  const changed = made?.definition !== to.definition;
  if (name.kind === "aggregate" && from !== null && changed)
    return [{ address, path: "definition", why: "an aggregate that is there is changed by hand alone" }];
  return [
    ...(from !== null && again !== null ? [drop("drop routines", again)] : []),
    ...(changed
      ? [
          {
            address,
            step: "make",
            sql,
            again: sql.replace(/^CREATE AGGREGATE /, "CREATE OR REPLACE AGGREGATE "),
          } as const,
        ]
      : []),
    ...writeComment(address, on, made?.comment, to.comment),
    ...writeGrants(
      address,
      name.kind === "aggregate" ? `FUNCTION ${signature}` : on,
      made === null ? AT_FIRST.routine : made.grants,
      to.grants,
    ),
  ];
};

type RoutineName = Pair<RoutineFacts>["name"];

const thereIs = ({ schema, name, args }: RoutineName): string =>
  `FROM pg_proc WHERE pronamespace = to_regnamespace(${literal(identifier(schema ?? ""))}) AND proname = ${literal(name)}` +
  ` AND pg_get_function_identity_arguments(oid) = ${literal(args ?? "")}`;

/** Null where CREATE OR REPLACE is enough; else the condition under which the routine is not yet the wanted one. */
export const mustRemake = ({ name, from, to }: Pair<RoutineFacts>): string | null => {
  if (from === null || to === null) return null;
  const [before, after] = [headOf(from.definition), headOf(to.definition)];
  if (before.call === after.call && before.returns === after.returns) return null;
  return `(SELECT pg_get_function_arguments(oid) || ' -> ' || coalesce(pg_get_function_result(oid), '') ${thereIs(name)}) IS DISTINCT FROM ${literal(`${argumentsOf(after.call)} -> ${after.returns}`)}`;
};

const headOf = (definition: string): { readonly call: string; readonly returns: string } => {
  const text = routineText(definition);
  const cut = text.search(/\n RETURNS /);
  const call = cut === -1 ? (text.split("\n LANGUAGE ")[0] ?? text) : text.slice(0, cut);
  const returns = cut === -1 ? "" : (text.slice(cut + "\n RETURNS ".length).split("\n")[0] ?? "");
  return { call, returns };
};

const argumentsOf = (call: string): string => call.slice(call.indexOf("(") + 1, call.lastIndexOf(")"));
