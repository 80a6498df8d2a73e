import { basename, resolve } from "node:path";
import { type FolderAsk, type MigrationFolder, readFolder } from "../adapters/flyway-folder.ts";
import type { Target } from "../adapters/pg-session.ts";
import { openTarget } from "../adapters/pg-target.ts";
import { inSession } from "../adapters/pg-trouble.ts";
import { isIgnorePattern } from "../migration/ignore.ts";
import { isVersion } from "../migration/names.ts";
import { PlumblineError } from "../model/errors.ts";
import { workspaceKey } from "../model/workspace.ts";
import { type Call, textOption, textsOption } from "./command.ts";

/** A folder of migrations and the database that it is for. */
export interface SqlWorkspace extends MigrationFolder {
  /** `local//<folder>#<database>`. */
  readonly key: string;
  readonly target: Target;
  readonly ask: FolderAsk;
}

/** Opens the database, reads folder and history, runs `work`, and closes the database whatever happens. */
export const withSqlWorkspace = async <Result>(
  call: Call,
  readOnly: boolean,
  work: (workspace: SqlWorkspace) => Promise<Result>,
): Promise<Result> => {
  const ask = folderAsk(call);
  return withTarget(
    urlOf(call),
    async (target) => {
      const name = target.place.slice(target.place.lastIndexOf("/") + 1).replace(/^pglite:/, "") || "default";
      const key = workspaceKey({ repo: "local", dir: basename(ask.dir) || ".", name });
      return work({ key, target, ask, ...(await readFolder(target, ask)) });
    },
    readOnly,
  );
};

/** Opens a database for `work`, and closes it whatever happens. */
export const withTarget = async <Result>(
  url: string,
  work: (target: Target) => Promise<Result>,
  readOnly = true,
): Promise<Result> => {
  return inSession(await openTarget(url), async (target) => {
    if (readOnly) await target.run("set default_transaction_read_only = on");
    return work(target);
  });
};

/** Folders, history and placeholders, as the options say. @throws `wrong-arguments` */
export const folderAsk = (call: Call): FolderAsk => {
  const [first = { dir: call.cwd, shown: "." }, ...more] = call.args.map((shown) => ({
    dir: resolve(call.cwd, shown),
    shown,
  }));
  return {
    ...first,
    more,
    encoding: textOption(call, "encoding") ?? "UTF-8",
    schemas: textsOption(call, "schema"),
    table: textOption(call, "table") ?? null,
    placeholders: ownPlaceholders(call),
    outOfOrder: call.options["out-of-order"] === true,
    ...ignorePatterns(call),
    baselineVersion: baselineVersion(call),
  };
};

/** @throws `wrong-arguments` where none is given */
export const urlOf = (call: Call): string => {
  const url = urlOption(call, "url");
  if (url === null) throw new PlumblineError("wrong-arguments", "--url is missing: which database is meant?");
  return url;
};

/** A folder is meant from where the command was called, as other names of files are. */
const fromHere = ({ cwd }: Call, url: string): string => {
  const folder = /^pglite:(.+)$/.exec(url)?.[1];
  return folder === undefined ? url : `pglite:${resolve(cwd, folder)}`;
};

/** A URL as it is given, or held by the variable that `env:NAME` names; null where it is left out. */
export const urlOption = (call: Call, option: string): string | null => {
  const given = textOption(call, option);
  const variable = /^env:(\w+)$/.exec(given ?? "")?.[1];
  if (variable === undefined) return given === undefined ? null : fromHere(call, given);
  const held = call.env[variable];
  if (held) return held;
  throw new PlumblineError("wrong-arguments", `The variable ${variable} is not set.`);
};

/** Values that the call gives. */
export const ownPlaceholders = (call: Call): Readonly<Record<string, string>> =>
  Object.fromEntries(
    textsOption(call, "placeholder").map((given) => {
      const cut = given.indexOf("=");
      if (cut > 0) return [given.slice(0, cut), given.slice(cut + 1)];
      throw new PlumblineError("wrong-arguments", "--placeholder is NAME=VALUE.");
    }),
  );

const ignorePatterns = (call: Call): Pick<FolderAsk, "ignore"> => {
  const ignore = textsOption(call, "ignore");
  const wrong = ignore.find((pattern) => !isIgnorePattern(pattern));
  if (wrong === undefined) return ignore.length > 0 ? { ignore } : {};
  throw new PlumblineError(
    "wrong-arguments",
    `--ignore is such as *:missing or versioned:ignored, not ${wrong}.`,
  );
};

const baselineVersion = (call: Call): string | null => {
  const given = textOption(call, "baseline-version");
  if (given === undefined || isVersion(given)) return given ?? null;
  throw new PlumblineError(
    "wrong-arguments",
    `--baseline-version is a version such as 1 or 2.3, not ${given}.`,
  );
};
