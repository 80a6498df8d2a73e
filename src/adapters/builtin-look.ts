import type { Node } from "libpg-query";
import { withoutPasswords } from "../migration/finding-of.ts";
import { quoted } from "../migration/history.ts";
import { all, as, strings } from "../migration/nodes.ts";
import { parseScript } from "../migration/parse-script.ts";
import type { SqlParser, Statement } from "../migration/script.ts";
import type { DatabaseBackend, LookedStatement, MigrationLook, MigrationStep } from "../model/migration.ts";
import type { MigrationFolder } from "./flyway-folder.ts";
import { entryOfRun } from "./flyway-history.ts";
import type { Target } from "./pg-session.ts";

/**
 * What became of a migration after its last step was written down. Statements before that one were answered by the
 * server, those behind it never sent; the one itself is asked of the catalogue.
 */
export const lookAtMigration = async (
  target: Target,
  { history, resolved }: MigrationFolder,
  { parse, last }: { readonly parse: SqlParser; readonly last: Omit<MigrationStep, "milliseconds"> },
): Promise<MigrationLook> => {
  const entry = entryOfRun(history ?? [], last.script, last.checksum);
  const running = await isWorking(target, last.backend);
  const told = { running, entry };
  if (entry?.success === true && entry.checksum === last.checksum)
    return { ...told, state: "applied", statements: [], why: "The history has it as done." };
  if (running) return { ...told, state: "unknown", statements: [], why: "Its session still works." };
  if (last.transactional === true)
    return {
      ...told,
      state: "failed-clean",
      statements: [],
      why: "It ran in one transaction, its session is gone and the history has no row of it: the server took all of it back.",
    };
  if (entry === null && last.statement <= 1)
    return { ...told, state: "failed-clean", statements: [], why: NOT_SENT };
  const file = [...resolved.migrations, ...resolved.baselines].find(({ path }) => path === last.script);
  if (!file) return { ...told, state: "unknown", statements: [], why: `There is no file ${last.script}.` };
  const statements = await looked(target, parseScript(file.text, parse).statements, last.statement);
  return { ...told, state: "failed-partial", why: howMuchOf(statements), statements };
};

// Its row is written before the first statement is sent.
const NOT_SENT = "The history has no row of it and its session is gone: nothing of it was sent.";

/** Alone by its number a session might be a later one. */
const isWorking = async (target: Target, backend: DatabaseBackend | null): Promise<boolean> => {
  if (backend === null) return false;
  const rows = await target.query(
    "select 1 as there from pg_stat_activity where pid = $1 and backend_start::text = $2",
    [backend.pid, backend.startedAt],
  );
  return rows.length > 0;
};

const looked = async (
  target: Target,
  statements: readonly Statement[],
  sent: number,
): Promise<readonly LookedStatement[]> => {
  const told: LookedStatement[] = [];
  for (const [index, { text, place, nodes }] of statements.entries()) {
    const statement = index + 1;
    const verdict =
      statement < sent
        ? { done: true, why: "the server said so" }
        : statement > sent
          ? { done: false, why: "it was never sent" }
          : await askCatalogue(target, nodes[0]);
    told.push({ statement, line: place.line, text: withoutPasswords(text), ...verdict });
  }
  return told;
};

type Verdict = Pick<LookedStatement, "done" | "why">;

const CANNOT_TELL: Verdict = { done: null, why: "the catalogue cannot tell" };

const askCatalogue = async (target: Target, node: Node | undefined): Promise<Verdict> => {
  const index = as(node, "IndexStmt");
  if (index?.idxname)
    return indexVerdict(await validityOf(target, index.idxname, index.relation?.schemaname));
  const drop = as(node, "DropStmt");
  const [dropped] = all(drop?.objects, "List");
  const name = strings(dropped?.items).at(-1);
  if (drop?.removeType === "OBJECT_INDEX" && name !== undefined) {
    const valid = await validityOf(target, name, strings(dropped?.items).at(-2));
    return valid === null
      ? { done: true, why: `there is no index ${name}` }
      : { done: false, why: `the index ${name} is there` };
  }
  const label = as(node, "AlterEnumStmt");
  if (label?.newVal && !label.oldVal) {
    const rows = await target.query(
      "select 1 as there from pg_enum e join pg_type t on t.oid = e.enumtypid where t.typname = $1 and e.enumlabel = $2",
      [strings(label.typeName).at(-1), label.newVal],
    );
    return { done: rows.length > 0, why: `the type ${rows.length > 0 ? "has" : "lacks"} ${label.newVal}` };
  }
  return CANNOT_TELL;
};

const indexVerdict = (valid: boolean | null): Verdict => {
  if (valid === null) return { done: false, why: "there is no such index" };
  return valid
    ? { done: true, why: "the index is there and valid" }
    : { done: false, why: "it left an invalid index" };
};

/** Null where there is no such index. */
const validityOf = async (
  target: Target,
  name: string,
  schema: string | undefined,
): Promise<boolean | null> => {
  const [row] = await target.query(
    `select i.indisvalid as valid from pg_index i join pg_class c on c.oid = i.indexrelid
      join pg_namespace n on n.oid = c.relnamespace
      where c.relname = $1 and ($2::text is null or n.nspname = $2)`,
    [name, schema ?? null],
  );
  return row ? row["valid"] === true : null;
};

/** Where none is done the history has a failed row of it all the same, which somebody has to decide about. */
const howMuchOf = (statements: readonly LookedStatement[]): string => {
  const done = statements.filter((one) => one.done === true).length;
  return `${done} of ${statements.length} statements are done; it ran without a transaction.`;
};

/** What a broken CREATE INDEX CONCURRENTLY leaves behind is in the way of its next try. */
export const clearInvalidIndex = async (
  target: Target,
  { resolved }: MigrationFolder,
  { parse, script, done }: { readonly parse: SqlParser; readonly script: string; readonly done: number },
): Promise<void> => {
  const file = resolved.migrations.find(({ path }) => path === script);
  const next = file && parseScript(file.text, parse).statements[done];
  const index = as(next?.nodes[0], "IndexStmt");
  if (!index?.idxname || index.concurrent !== true) return;
  const schema = index.relation?.schemaname;
  if ((await validityOf(target, index.idxname, schema)) !== false) return;
  const name = [schema, index.idxname].flatMap((part) => (part === undefined ? [] : [quoted(part)]));
  await target.run(`drop index concurrently ${name.join(".")}`);
};
