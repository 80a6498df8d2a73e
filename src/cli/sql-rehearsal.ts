import { loadSqlParser } from "../adapters/libpg.ts";
import { rehearse } from "../adapters/pg-rehearsal.ts";
import type { Rehearsal } from "../model/rehearsal.ts";
import type { Call } from "./command.ts";
import { type SqlWorkspace, urlOption } from "./sql-workspace.ts";

/** What `--rehearse` asks for; null where it is left out. @throws `database-unavailable` */
export const rehearsalOf = async (call: Call, workspace: SqlWorkspace): Promise<Rehearsal | null> => {
  const url = urlOption(call, "rehearsal-url");
  if (call.options["rehearse"] !== true && url === null) return null;
  return rehearse(workspace.target, workspace, { url, parse: await loadSqlParser() });
};
