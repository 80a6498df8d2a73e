import { entriesOf, type Grants, sameFacts } from "./write-facts.ts";
import { identifier, literal } from "./write-names.ts";
import type { Piece } from "./write-piece.ts";

/** GRANT and REVOKE from one state to the other. `on`: `TABLE app.orders`. Both may run again. */
export const writeGrants = (
  address: string,
  on: string,
  from: Grants | undefined,
  to: Grants | undefined,
): readonly Piece[] =>
  entriesOf(from, to).flatMap(([grantee, before = [], after = []]) => {
    const role = grantee === "PUBLIC" ? "PUBLIC" : identifier(grantee);
    const had = rightsOf(before);
    const has = rightsOf(after);
    const lost = [...had.keys()].filter((right) => !has.has(right));
    const gained = [...has].filter(([right]) => !had.has(right));
    const passable = [...has].filter(([right, passes]) => passes && had.get(right) === false);
    const fixed = [...has].filter(([right, passes]) => !passes && had.get(right) === true);
    const grant = (rights: readonly (readonly [string, boolean])[], suffix: string) =>
      rights.length === 0
        ? []
        : [`GRANT ${rights.map(([right]) => right).join(", ")} ON ${on} TO ${role}${suffix}`];
    return [
      ...(lost.length === 0 ? [] : [`REVOKE ${lost.join(", ")} ON ${on} FROM ${role}`]),
      ...(fixed.length === 0
        ? []
        : [`REVOKE GRANT OPTION FOR ${fixed.map(([right]) => right).join(", ")} ON ${on} FROM ${role}`]),
      ...grant(
        gained.filter(([, passes]) => !passes),
        "",
      ),
      ...grant([...gained.filter(([, passes]) => passes), ...passable], " WITH GRANT OPTION"),
    ].map((sql): Piece => ({ address, step: "describe", sql }));
  });

const PASSES = " WITH GRANT OPTION";

const rightsOf = (rights: readonly string[]): ReadonlyMap<string, boolean> =>
  new Map(rights.map((right) => [right.replace(PASSES, ""), right.endsWith(PASSES)]));

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
