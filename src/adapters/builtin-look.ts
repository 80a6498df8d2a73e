import { withoutPasswords } from "../migration/finding-of.ts";
import { lastingOf } from "../migration/own-transactions.ts";
import { parseScript } from "../migration/parse-script.ts";
import type { SqlParser, Statement } from "../migration/script.ts";
import { controlsTransaction } from "../migration/transactional.ts";
import type { DatabaseBackend, LookedStatement, MigrationLook, MigrationStep } from "../model/migration.ts";
import { askCatalogue, type Verdict, withSearchPath } from "./builtin-catalogue.ts";
import type { MigrationFolder } from "./flyway-folder.ts";
import { entryOfRun } from "./flyway-history.ts";
import type { Target } from "./pg-session.ts";

/**
 * What became of a migration after its last step was written down. Statements before that one were answered by the
 * server, those behind it never sent; the one itself is asked of the catalogue.
 */
export const lookAtMigration = async (
  target: Target,
  { history, place, resolved }: MigrationFolder,
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
  const { statements: written } = parseScript(file.text, parse);
  const statements = await looked(target, written, { sent: last.statement, schema: place.schema });
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
  { sent, schema }: { readonly sent: number; readonly schema: string },
): Promise<readonly LookedStatement[]> => {
  const answered = sent - 1;
  const lasting = lastingOf(statements, answered);
  const under = await verdictOn(target, statements, { answered, lasting, schema });
  return statements.map(({ text, place }, index) => {
    const verdict =
      index < lasting ? SAID : index < answered ? TAKEN_BACK : index > answered ? NEVER_SENT : under;
    return { statement: index + 1, line: place.line, text: withoutPasswords(text), ...verdict };
  });
};

const SAID: Verdict = { done: true, why: "the server said so" };
const TAKEN_BACK: Verdict = { done: false, why: "its transaction was not ended: the server took it back" };
const NEVER_SENT: Verdict = { done: false, why: "it was never sent" };

/** On the statement that was under way. */
const verdictOn = async (
  target: Target,
  statements: readonly Statement[],
  {
    answered,
    lasting,
    schema,
  }: { readonly answered: number; readonly lasting: number; readonly schema: string },
): Promise<Verdict> => {
  const statement = statements[answered];
  const ends = statement?.nodes.some(controlsTransaction) === true;
  if (answered > lasting)
    return ends ? { done: null, why: "whether its transaction was ended cannot be told" } : TAKEN_BACK;
  if (ends) return { done: false, why: "what it begins was taken back" };
  return withSearchPath(target, schema, { statements, answered }, () =>
    askCatalogue(target, statement?.nodes[0]),
  );
};

/** Where none is done the history has a failed row of it all the same, which somebody has to decide about. */
const howMuchOf = (statements: readonly LookedStatement[]): string => {
  const done = statements.filter((one) => one.done === true).length;
  return `${done} of ${statements.length} statements are done; it ran without a transaction.`;
};
