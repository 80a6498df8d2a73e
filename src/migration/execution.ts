import type { Place, Script } from "./script.ts";
import { controlsTransaction, onlySets, refusesTransaction } from "./transactional.ts";

/** How a migration has to be run. */
export type Execution =
  | { readonly way: "transaction" }
  /** Statement by statement, each on its own; `why` names the cause. */
  | { readonly way: "statements"; readonly why: string }
  | { readonly way: "refused"; readonly line: number; readonly column: number; readonly why: string };

/**
 * In a transaction wherever that is possible. `asked`: what the file's settings say; `mixed`: statements that want a
 * transaction may run without one, beside some that refuse it.
 */
export const executionOf = (
  script: Script,
  options: { readonly version: number; readonly asked: boolean | null; readonly mixed: boolean },
): Execution => {
  const broken = script.statements.find(({ error }) => error !== null)?.error;
  if (broken) return refused(broken.place, broken.message);
  const [psql] = script.psql;
  if (psql) return refused(psql.place, `${psql.text.split(/\s/)[0]} is a command of psql`);
  const nodes = script.statements.flatMap((statement) =>
    statement.nodes.map((node) => ({ node, place: statement.place })),
  );
  const refusing = nodes.flatMap(({ node, place }) => {
    const what = refusesTransaction(node, options.version);
    return what === null ? [] : [{ what, place }];
  });
  if (nodes.some(({ node }) => controlsTransaction(node)))
    return { way: "statements", why: "it opens and ends transactions itself" };
  if (options.asked === false)
    return { way: "statements", why: "its settings say executeInTransaction=false" };
  const [first] = refusing;
  if (!first) return { way: "transaction" };
  const wanting = nodes.filter(
    ({ node }) => !onlySets(node) && refusesTransaction(node, options.version) === null,
  );
  if (wanting.length > 0 && !options.mixed)
    return refused(
      first.place,
      `${first.what} cannot run in a transaction, other statements of the file want one: put it in a file of its own`,
    );
  return { way: "statements", why: `${first.what} cannot run in a transaction` };
};

const refused = ({ line, column }: Place, why: string): Execution => ({ way: "refused", line, column, why });
