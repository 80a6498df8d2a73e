import type { Node } from "libpg-query";
import { quoted } from "../migration/history.ts";
import { all, as, strings } from "../migration/nodes.ts";
import { setsSearchPath, settingsBefore } from "../migration/own-transactions.ts";
import type { Statement } from "../migration/script.ts";
import type { LookedStatement } from "../model/migration.ts";
import type { Target } from "./pg-session.ts";
import { useSchema } from "./search-path.ts";

export type Verdict = Pick<LookedStatement, "done" | "why">;

const CANNOT_TELL: Verdict = { done: null, why: "the catalogue cannot tell" };

/**
 * What the catalogue says of a statement whose end was not seen. Names are looked for where the session's search path
 * says, as the statement did.
 */
export const askCatalogue = async (target: Target, node: Node | undefined): Promise<Verdict> => {
  const index = await indexOf(target, node);
  if (index !== undefined) return indexVerdict(index);
  const drop = as(node, "DropStmt");
  const [dropped] = all(drop?.objects, "List");
  if (drop?.removeType === "OBJECT_INDEX" && dropped !== undefined) {
    const name = strings(dropped.items);
    const [row] = await target.query("select to_regclass($1) is not null as there", [qualified(name)]);
    return row?.["there"] === true
      ? { done: false, why: `the index ${name.join(".")} is there` }
      : { done: true, why: `there is no index ${name.join(".")}` };
  }
  const label = as(node, "AlterEnumStmt");
  if (!label?.newVal || label.oldVal) return CANNOT_TELL;
  const rows = await target.query(
    "select 1 as there from pg_enum where enumtypid = to_regtype($1) and enumlabel = $2",
    [qualified(strings(label.typeName)), label.newVal],
  );
  return { done: rows.length > 0, why: `the type ${rows.length > 0 ? "has" : "lacks"} ${label.newVal}` };
};

/** Names are looked for as they were behind the first `answered` statements of a script, until `work` is done. */
export const withSearchPath = async <Result>(
  target: Target,
  schema: string,
  { statements, answered }: { readonly statements: readonly Statement[]; readonly answered: number },
  work: () => Promise<Result>,
): Promise<Result> => {
  await useSchema(target, schema);
  for (const each of settingsBefore(statements, answered).filter(setsSearchPath)) await target.run(each.text);
  try {
    return await work();
  } finally {
    await target.run("reset search_path");
  }
};

/** A session that goes on behind the first `answered` statements: as they left it, and without their last leftover. */
export const takeUp = async (
  target: Target,
  { statements, answered }: { readonly statements: readonly Statement[]; readonly answered: number },
): Promise<void> => {
  for (const { text } of settingsBefore(statements, answered)) await target.run(text);
  const next = statements[answered]?.nodes[0];
  if (as(next, "IndexStmt")?.concurrent !== true) return;
  const index = await indexOf(target, next);
  // What a broken CREATE INDEX CONCURRENTLY leaves behind is in the way of its next try.
  if (index?.valid === false) await target.run(`drop index concurrently ${qualified(index.name)}`);
};

interface FoundIndex {
  readonly name: readonly string[];
  readonly valid: boolean;
}

/** The index that a statement makes, by its table; null where there is none, undefined for any other statement. */
const indexOf = async (target: Target, node: Node | undefined): Promise<FoundIndex | null | undefined> => {
  const index = as(node, "IndexStmt");
  if (!index?.idxname) return undefined;
  const { schemaname, relname = "" } = index.relation ?? {};
  const table = schemaname === undefined ? [relname] : [schemaname, relname];
  const [row] = await target.query(
    `select i.indisvalid as valid, n.nspname as schema from pg_index i
      join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace
      where i.indrelid = to_regclass($1) and c.relname = $2`,
    [qualified(table), index.idxname],
  );
  return row ? { name: [String(row["schema"]), index.idxname], valid: row["valid"] === true } : null;
};

const indexVerdict = (index: FoundIndex | null): Verdict => {
  if (index === null) return { done: false, why: "there is no such index" };
  return index.valid
    ? { done: true, why: "the index is there and valid" }
    : { done: false, why: "it left an invalid index" };
};

const qualified = (name: readonly string[]): string => name.map(quoted).join(".");
