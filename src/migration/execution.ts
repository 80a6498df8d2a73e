import type { Node } from "libpg-query";
import { as } from "./nodes.ts";
import type { Place, Script } from "./script.ts";
import { controlsTransaction, onlySets, refusesTransaction, transactionAfter } from "./transactional.ts";

/** How a migration has to be run. */
export type Execution =
  | { readonly way: "transaction" }
  /** Statement by statement, each on its own; `why` names the cause. */
  | { readonly way: "statements"; readonly why: string }
  | { readonly way: "refused"; readonly line: number; readonly column: number; readonly why: string };

/**
 * In a transaction wherever that is possible. `asked`: what the file's settings say, `strange`: what of them is not understood; `mixed`: statements that want a
 * transaction may run without one, beside some that refuse it.
 */
export const executionOf = (
  script: Script,
  options: {
    readonly version: number;
    readonly asked: boolean | null;
    readonly mixed: boolean;
    readonly strange?: string | null;
  },
): Execution => {
  // What switches a migration off may stand there: it is not run by somebody who does not know it.
  if (options.strange)
    return refused(
      { line: 1, column: 1 },
      `its settings file has ${options.strange}, which is not followed here (executeInTransaction, encoding and placeholderReplacement are)`,
    );
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
  const open = leftOpen(nodes);
  if (open) return refused(open, "the transaction that begins here is not ended in this file");
  const ended = endsNone(nodes);
  if (ended) return refused(ended, "this ends a transaction that the file did not begin");
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

type Placed = { readonly node: Node; readonly place: Place };

/** Where the last BEGIN stands that no COMMIT or ROLLBACK follows; the session's end would take all of it back. */
const leftOpen = (nodes: readonly Placed[]): Place | null => {
  let open: Place | null = null;
  for (const { node, place } of nodes) open = transactionAfter(open !== null, node) ? (open ?? place) : null;
  return open;
};

/** A COMMIT or ROLLBACK of a transaction that the file did not begin: it would end, or undo, what is not its own. */
const endsNone = (nodes: readonly Placed[]): Place | null => {
  let open = false;
  for (const { node, place } of nodes) {
    const kind = as(node, "TransactionStmt")?.kind;
    if (!open && (kind === "TRANS_STMT_COMMIT" || kind === "TRANS_STMT_ROLLBACK")) return place;
    open = transactionAfter(open, node);
  }
  return null;
};

const refused = ({ line, column }: Pick<Place, "line" | "column">, why: string): Execution => ({
  way: "refused",
  line,
  column,
  why,
});
