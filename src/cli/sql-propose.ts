import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { readMigrationFiles } from "../adapters/flyway-files.ts";
import { loadSqlParser } from "../adapters/libpg.ts";
import { proposeDesired } from "../adapters/pg-propose.ts";
import { placeholdersOf } from "../migration/placeholders.ts";
import { resolveMigrations } from "../migration/resolve.ts";
import { PlumblineError } from "../model/errors.ts";
import { type Call, textOption } from "./command.ts";
import { ownPlaceholders, urlOption } from "./sql-workspace.ts";
import { tellProposal } from "./tell-proposal.ts";

/** `plumbline sql propose DIR`: the migration from the folder's end to `schema.sql`. @throws `sql-unreadable`, `sql-failed` */
export const sqlPropose = async (call: Call): Promise<number> => {
  const [dir = "."] = call.args;
  const folder = resolve(call.cwd, dir);
  const name = textOption(call, "desired") ?? "schema.sql";
  const place = { schema: textOption(call, "schema") ?? "public", table: "flyway_schema_history" };
  const text = await readFile(resolve(folder, name), "utf8").catch((cause: unknown) => {
    throw new PlumblineError("sql-unreadable", `${name} cannot be read in ${dir}.`, { cause });
  });
  const placeholders = placeholdersOf({ "flyway:defaultSchema": place.schema, ...ownPlaceholders(call) });
  const files = (await readMigrationFiles(folder, dir)).filter(({ path }) => path !== name);
  const proposal = await proposeDesired(
    resolveMigrations(files, placeholders),
    { path: name, text },
    {
      place,
      parse: await loadSqlParser(),
      rehearsal: urlOption(call, "rehearsal-url"),
      now: new Date(),
    },
  );
  return tellProposal(call, proposal);
};
