import { resolve } from "node:path";
import { proposeDesiredSchema } from "../adapters/desired-schema.ts";
import { loadSqlParser } from "../adapters/libpg.ts";
import { type Call, textOption } from "./command.ts";
import { openTool, toolOf } from "./sql-tool.ts";
import { ownPlaceholders, urlOption } from "./sql-workspace.ts";
import { tellProposal } from "./tell-proposal.ts";

/** `plumbline sql propose DIR`: the migration from the folder's end to `schema.sql`. @throws `sql-unreadable`, `sql-failed` */
export const sqlPropose = async (call: Call): Promise<number> => {
  const name = textOption(call, "desired") ?? "schema.sql";
  const parse = await loadSqlParser();
  if (toolOf(call) === "liquibase") {
    const { engine, call: asked } = await openTool(call, "liquibase", parse);
    return tellProposal(call, await engine.proposeDesired(asked, name, new Date()));
  }
  const [shown = "."] = call.args;
  const proposal = await proposeDesiredSchema({
    dir: resolve(call.cwd, shown),
    shown,
    ...{ name, parse },
    schema: textOption(call, "schema") ?? "public",
    placeholders: ownPlaceholders(call),
    rehearsal: urlOption(call, "rehearsal-url"),
    now: new Date(),
  });
  return tellProposal(call, proposal);
};
