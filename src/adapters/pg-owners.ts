import { isJsonObject, type JsonObject } from "../model/json.ts";
import type { SchemaSnapshot } from "../model/migration.ts";
import type { HistoryPlace } from "./flyway-history.ts";
import type { Target } from "./pg-session.ts";
import { OWNER_QUERIES } from "./pg-snapshot-queries.ts";

/** Who has every right without a grant, which no replay by another role can show. */
export interface Owners {
  readonly runner: string | null;
  /** Own what migrations make: who has the history's table, and whoever replays. */
  readonly runners: readonly string[];
  /** Address of an object -> its owner. */
  readonly objects: ReadonlyMap<string, string>;
}

/** Who runs migrations on a database, by whom the history's table belongs to; null where there is none. */
export const runnerOf = async (target: Target, { schema, table }: HistoryPlace): Promise<string | null> => {
  const [history] = await target.query(
    `select pg_get_userbyid(c.relowner)::text as owner from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = $1 and c.relname = $2`,
    [schema, table],
  );
  return history ? String(history["owner"]) : null;
};

export const takeOwners = async (target: Target, place: HistoryPlace): Promise<Owners> => {
  const runner = await runnerOf(target, place);
  const objects = new Map<string, string>();
  await target.run("set search_path = pg_catalog");
  for (const query of OWNER_QUERIES)
    for (const { address, owner } of await target.query(query)) objects.set(String(address), String(owner));
  return { runner, runners: runner === null ? [] : [runner], objects };
};

/** The same beside a database that a role of its own replays in. */
export const ownersBeside = async (owners: Owners, scratch: Target): Promise<Owners> => {
  const [user] = await scratch.query("select session_user::text as name");
  return { ...owners, runners: [...owners.runners, String(user?.["name"])] };
};

export const NO_OWNERS: Owners = { runner: null, runners: [], objects: new Map() };

/** A schema without grants to those who have every right anyway: to take them back would take the owner's own. */
export const withoutOwnGrants = (snapshot: SchemaSnapshot, { runners, objects }: Owners): SchemaSnapshot =>
  new Map(
    [...snapshot].map(([address, object]) => {
      const own = new Set([...runners, objects.get(address)]);
      const { grants, column_grants: columns, ...facts } = object;
      return [
        address,
        {
          ...facts,
          ...(isJsonObject(grants) ? { grants: without(grants, own) } : {}),
          ...(isJsonObject(columns) ? { column_grants: withoutInColumns(columns, own) } : {}),
        },
      ];
    }),
  );

const without = (grants: JsonObject, own: ReadonlySet<string | undefined>): JsonObject =>
  Object.fromEntries(Object.entries(grants).filter(([grantee]) => !own.has(grantee)));

const withoutInColumns = (columns: JsonObject, own: ReadonlySet<string | undefined>): JsonObject =>
  Object.fromEntries(
    Object.entries(columns)
      .map(([column, grants]) => [column, isJsonObject(grants) ? without(grants, own) : grants] as const)
      .filter(([, grants]) => Object.keys(grants as JsonObject).length > 0),
  );
