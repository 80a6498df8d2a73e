import type { Json } from "../model/json.ts";
import type { SchemaSnapshot } from "../model/migration.ts";
import type { HistoryPlace } from "./flyway-history.ts";
import { BACKFILL_TABLES } from "./pg-backfill-state.ts";
import type { Row, Target } from "./pg-session.ts";
import { SNAPSHOT_QUERIES } from "./pg-snapshot-queries.ts";

/**
 * Everything that migrations make, as the catalogue has it: no rows, owners or statistics. `except` is the history
 * table, which no migration makes; what backfills keep beside it is left out as well.
 */
export const takeSnapshot = async (target: Target, except: HistoryPlace): Promise<SchemaSnapshot> => {
  const objects = new Map<string, MutableObject>();
  await target.run("set search_path = pg_catalog");
  for (const query of SNAPSHOT_QUERIES) for (const row of await target.query(query)) put(objects, row);
  for (const table of [except.table, ...(except.beside ?? []), ...BACKFILL_TABLES])
    objects.delete(`table ${except.schema}.${table}`);
  return objects as ReadonlyMap<string, Record<string, Json>>;
};

type MutableObject = Record<string, unknown>;

// Each row is one fact or a part with several: address, the part's place in it, and its facts.
const put = (objects: Map<string, MutableObject>, { address, part, name, facts }: Row): void => {
  const object = objects.get(String(address)) ?? {};
  objects.set(String(address), object);
  if (part === null) Object.assign(object, facts);
  else {
    const parts = (object[String(part)] ?? Object.create(null)) as MutableObject;
    object[String(part)] = parts;
    parts[String(name)] = facts;
  }
};
