import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { placeholdersOf } from "../migration/placeholders.ts";
import { resolveMigrations } from "../migration/resolve.ts";
import { PlumblineError } from "../model/errors.ts";
import type { MigrationProposal } from "../model/migration-proposal.ts";
import { readMigrationFiles } from "./flyway-files.ts";
import { wholeFolder } from "./flyway-propose.ts";
import type { ProposalTools } from "./pg-propose.ts";
import { proposeDesired } from "./pg-propose-desired.ts";

export interface DesiredAsk extends ProposalTools {
  /** Absolute, and as people name it. */
  readonly dir: string;
  readonly shown: string;
  /** The desired schema's file, relative to the folder. */
  readonly name: string;
  /** Where the history is, and names without a schema. */
  readonly schema: string;
  readonly placeholders: Readonly<Record<string, string>>;
  readonly now: Date;
}

/**
 * The migration from the end of a folder to the schema that one of its files describes; no database of anybody is asked.
 * @throws `sql-unreadable`, `sql-failed` where the folder or the desired schema cannot be replayed
 */
export const proposeDesiredSchema = async (ask: DesiredAsk): Promise<MigrationProposal> => {
  const { dir, shown, name, schema } = ask;
  const text = await readDesired(ask);
  const placeholders = placeholdersOf({ "flyway:defaultSchema": schema, ...ask.placeholders });
  const files = (await readMigrationFiles(dir, shown)).filter(({ path }) => path !== name);
  const place = { schema, table: "flyway_schema_history" };
  const folder = wholeFolder(place, resolveMigrations(files, placeholders), ask.now);
  return proposeDesired(folder, { path: name, text }, ask);
};

/** The desired schema's text. @throws `sql-unreadable` */
export const readDesired = ({
  dir,
  shown,
  name,
}: Pick<DesiredAsk, "dir" | "shown" | "name">): Promise<string> =>
  readFile(resolve(dir, name), "utf8").catch((cause: unknown) => {
    throw new PlumblineError("sql-unreadable", `${name} cannot be read in ${shown}.`, { cause });
  });
