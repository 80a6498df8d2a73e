import { basename } from "node:path";
import { migrationEngines } from "../adapters/migration-engines.ts";
import { createRedactor } from "../adapters/redactor.ts";
import type { SqlParser } from "../migration/script.ts";
import type { DatabaseConfig, MigrationTool } from "../model/database.ts";
import { PlumblineError } from "../model/errors.ts";
import { workspaceKey } from "../model/workspace.ts";
import type { MigrationCall, MigrationEngine } from "../ports/migrations.ts";
import { type Call, printable, textOption } from "./command.ts";
import { folderAsk, urlOf, urlOption } from "./sql-workspace.ts";

export interface ToolCall {
  readonly engine: MigrationEngine;
  readonly call: MigrationCall;
}

/** The tool that `--tool` names. @throws `wrong-arguments`, `engine-missing` */
export const toolOf = (call: Call): MigrationTool => {
  const tool = textOption(call, "tool") ?? "builtin";
  if (tool === "builtin" || tool === "flyway" || tool === "liquibase") return tool;
  throw new PlumblineError("wrong-arguments", `--tool is builtin, flyway or liquibase, not ${tool}.`);
};

/** A tool of the team's and what it is asked about, as the options say. @throws `wrong-arguments`, `engine-missing` */
export const openTool = async (call: Call, tool: MigrationTool, parse: SqlParser): Promise<ToolCall> => {
  const redactor = createRedactor();
  const [url, rehearsal] = [urlOption(call, "url"), urlOption(call, "rehearsal-url")];
  for (const each of [url, rehearsal?.startsWith("pglite:") ? null : rehearsal])
    if (each !== null) learnPassword(each, (secret) => redactor.learn(secret));
  const { dir, shown, more = [] } = folderAsk(call);
  const not = ["ignore", "encoding", "mixed"].find((name) => call.options[name] !== undefined);
  if (not !== undefined || more.length > 0)
    throw new PlumblineError(
      "wrong-arguments",
      not === undefined ? `--tool ${tool} takes one folder.` : `--tool ${tool} has no use for --${not}.`,
    );
  const name = (url !== null && basename(new URL(url).pathname)) || "default";
  const workspace = workspaceKey({ repo: "local", dir: basename(dir) || ".", name });
  return {
    engine: await migrationEngines(parse, { env: call.env, redactor, sandbox: null }).pick(tool),
    call: {
      workspace,
      dir,
      shown,
      database: databaseOf(call, tool),
      url: async (identity) => (identity === "rehearsal" && rehearsal !== null ? rehearsal : urlOf(call)),
      onLine: (line) => call.err(`${printable(line)}\n`),
    },
  };
};

const learnPassword = (url: string, learn: (secret: string) => void): void => {
  if (!URL.canParse(url) || !/^postgres(ql)?:\/\//.test(url))
    throw new PlumblineError("wrong-arguments", "--tool needs a server: postgres://USER@HOST:PORT/DATABASE.");
  const { password, searchParams } = new URL(url);
  for (const secret of [password, decodeURIComponent(password), searchParams.get("password") ?? ""])
    learn(secret);
};

const databaseOf = (call: Call, tool: MigrationTool): DatabaseConfig => {
  const { schemas, table, placeholders, outOfOrder, baselineVersion } = folderAsk(call);
  return {
    tool,
    url: { read_only: null, migration: null, backfill: null, rehearsal: rehearsalOption(call) },
    schemas,
    historyTable: table,
    placeholders,
    outOfOrder,
    baselineVersion,
    changelog: textOption(call, "changelog") ?? null,
    lockTimeout: timeOption(call, "lock-timeout", "5s"),
    statementTimeout: timeOption(call, "statement-timeout", "1h"),
    rehearsal: { enabled: false, rowLimit: 0, timeoutSeconds: Number.POSITIVE_INFINITY },
  };
};

/** That there is one; the call's `url` says where. */
const rehearsalOption = (call: Call): DatabaseConfig["url"]["rehearsal"] =>
  textOption(call, "rehearsal-url") === undefined ? null : { env: "" };

/** As PostgreSQL writes times. @throws `wrong-arguments` */
export const timeOption = (call: Call, name: string, fallback: string): string => {
  const given = textOption(call, name) ?? fallback;
  if (/^\d+(ms|s|min|h)?$/.test(given)) return given;
  throw new PlumblineError(
    "wrong-arguments",
    `--${name} is a time such as 500ms, 5s, 10min or 1h, not ${given}.`,
  );
};
