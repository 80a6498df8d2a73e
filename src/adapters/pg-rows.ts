import { readSchemaContext } from "./pg-context.ts";
import type { Target } from "./pg-session.ts";

/** Estimated rows of every table by its name, `app.orders`. */
export const tableRows = async (target: Target): Promise<Readonly<Record<string, number>>> => {
  const { tables } = await readSchemaContext(target, new Date());
  return Object.fromEntries(Object.entries(tables).map(([name, { rows }]) => [name, rows]));
};
