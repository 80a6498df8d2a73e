import { entriesOf, type Grants, type RelationFacts, sameFacts } from "./write-facts.ts";
import { identifier, literal } from "./write-names.ts";
import type { Piece } from "./write-piece.ts";

/** GRANT and REVOKE from one state to the other. `on`: `TABLE app.orders`; `column` narrows them. Both may run again. */
export const writeGrants = (
  address: string,
  on: string,
  from: Grants | undefined,
  to: Grants | undefined,
  column = "",
): readonly Piece[] =>
  entriesOf(from, to).flatMap(([grantee, before = [], after = []]) => {
    const role = grantee === "PUBLIC" ? "PUBLIC" : identifier(grantee);
    const named = (rights: readonly string[]) =>
      rights.map((right) => (column === "" ? right : `${right} (${column})`)).join(", ");
    const had = rightsOf(before);
    const has = rightsOf(after);
    const lost = [...had.keys()].filter((right) => !has.has(right));
    const gained = [...has].filter(([right]) => !had.has(right));
    const passable = [...has].filter(([right, passes]) => passes && had.get(right) === false);
    const fixed = [...has].filter(([right, passes]) => !passes && had.get(right) === true);
    const grant = (rights: readonly (readonly [string, boolean])[], suffix: string) =>
      rights.length === 0
        ? []
        : [`GRANT ${named(rights.map(([right]) => right))} ON ${on} TO ${role}${suffix}`];
    return [
      ...(lost.length === 0 ? [] : [`REVOKE ${named(lost)} ON ${on} FROM ${role}`]),
      ...(fixed.length === 0
        ? []
        : [`REVOKE GRANT OPTION FOR ${named(fixed.map(([right]) => right))} ON ${on} FROM ${role}`]),
      ...grant(
        gained.filter(([, passes]) => !passes),
        "",
      ),
      ...grant([...gained.filter(([, passes]) => passes), ...passable], " WITH GRANT OPTION"),
    ].map((sql): Piece => ({ address, step: "describe", sql }));
  });

/** Of the columns of a relation, whose own grants a REVOKE on the whole relation takes along. */
export const writeColumnGrants = (
  address: string,
  relation: string,
  from: Pick<RelationFacts, "grants" | "column_grants"> | null | undefined,
  to: Pick<RelationFacts, "grants" | "column_grants">,
): readonly Piece[] =>
  entriesOf(from?.column_grants, to.column_grants).flatMap(([column, before, after]) =>
    writeGrants(
      address,
      `TABLE ${relation}`,
      left(before, from?.grants, to.grants),
      after,
      identifier(column),
    ),
  );

const left = (column: Grants = {}, before: Grants = {}, after: Grants = {}): Grants =>
  Object.fromEntries(
    Object.entries(column).map(([grantee, rights]) => {
      const kept = after[grantee] ?? [];
      const lost = (before[grantee] ?? []).filter((right) => !kept.includes(right)).map(withoutOption);
      return [grantee, rights.filter((right) => !lost.includes(withoutOption(right)))];
    }),
  );

const withoutOption = (right: string): string => right.replace(PASSES, "");

/** What the server gives everybody when it makes a thing. */
export const AT_FIRST = { routine: { PUBLIC: ["EXECUTE"] }, type: { PUBLIC: ["USAGE"] } };

const PASSES = " WITH GRANT OPTION";

const rightsOf = (rights: readonly string[]): ReadonlyMap<string, boolean> =>
  new Map(rights.map((right) => [withoutOption(right), right.endsWith(PASSES)]));

/** `on`: `COLUMN app.orders.note`. */
export const writeComment = (
  address: string,
  on: string,
  from: string | null | undefined,
  to: string | null | undefined,
): readonly Piece[] =>
  sameFacts(from ?? null, to ?? null)
    ? []
    : [
        {
          address,
          step: "describe",
          sql: `COMMENT ON ${on} IS ${typeof to === "string" ? literal(to) : "NULL"}`,
        },
      ];
