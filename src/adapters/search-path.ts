import type { Target } from "./pg-session.ts";

/** The schema of a history comes first in the search path, as Flyway has it. */
export const useSchema = async (target: Target, schema: string): Promise<void> => {
  await target.run("reset search_path");
  await target.query(
    `select set_config('search_path', quote_ident($1) || ', ' || current_setting('search_path'), false)
      where current_schema() is distinct from $1`,
    [schema],
  );
};

/** The same until the transaction at hand ends. */
export const useSchemaHere = async (target: Target, schema: string): Promise<void> => {
  await target.query(
    `select set_config('search_path', quote_ident($1) || ', ' || current_setting('search_path'), true)
      where current_schema() is distinct from $1`,
    [schema],
  );
};
