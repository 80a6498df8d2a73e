import { rehearseFolder } from "../adapters/flyway-rehearsal.ts";
import { loadSqlParser } from "../adapters/libpg.ts";
import type { Rehearsal } from "../model/rehearsal.ts";
import type { Call } from "./command.ts";
import { type SqlWorkspace, urlOption } from "./sql-workspace.ts";

/** What `--rehearse` asks for; null where it is left out. @throws `database-unavailable` */
export const rehearsalOf = async (call: Call, workspace: SqlWorkspace): Promise<Rehearsal | null> => {
  if (!asksRehearsal(call)) return null;
  const url = urlOption(call, "rehearsal-url");
  return rehearseFolder(workspace.target, workspace, { url, parse: await loadSqlParser() });
};

/** Whoever says where to rehearse wants to. */
export const asksRehearsal = ({ options }: Call): boolean =>
  options["rehearse"] === true || options["rehearsal-url"] !== undefined;
