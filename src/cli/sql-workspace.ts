import { basename, resolve } from "node:path";
import { readMigrationFiles } from "../adapters/flyway-files.ts";
import {
  builtInPlaceholders,
  type HistoryPlace,
  isSchemaEmpty,
  readHistory,
} from "../adapters/flyway-history.ts";
import type { Target } from "../adapters/pg-session.ts";
import { openTarget } from "../adapters/pg-target.ts";
import type { HistoryRow } from "../migration/history.ts";
import { isVersion } from "../migration/names.ts";
import { type MigrationFile, type Resolved, resolveMigrations } from "../migration/resolve.ts";
import { type Standing, standingOf } from "../migration/standing.ts";
import { PlumblineError } from "../model/errors.ts";
import { workspaceKey } from "../model/workspace.ts";
import { type Call, textOption, textsOption } from "./command.ts";

/** A folder of migrations and the database that it is for. */
export interface SqlWorkspace {
  /** `local//<folder>#<database>`. */
  readonly key: string;
  readonly target: Target;
  readonly place: HistoryPlace;
  readonly files: readonly MigrationFile[];
  readonly resolved: Resolved;
  /** Null where there is no history table yet. */
  readonly history: readonly HistoryRow[] | null;
  readonly standing: Standing;
  /** The version that a baseline is to be written for first; null where none is. */
  readonly baseline: string | null;
}

/** Opens the database, reads folder and history, runs `work`, and closes the database whatever happens. */
export const withSqlWorkspace = async <Result>(
  call: Call,
  readOnly: boolean,
  work: (workspace: SqlWorkspace) => Promise<Result>,
): Promise<Result> => {
  const [dir = "."] = call.args;
  const own = ownPlaceholders(call);
  const asked = baselineVersion(call);
  const url = urlOf(call);
  const files = await readMigrationFiles(resolve(call.cwd, dir), dir);
  const target = await openTarget(url);
  try {
    if (readOnly) await target.run("set default_transaction_read_only = on");
    const place = await placeOf(call, target);
    const resolved = resolveMigrations(files, await builtInPlaceholders(target, place, own));
    const history = await readHistory(target, place);
    const empty = history === null && (await isSchemaEmpty(target, place.schema));
    const baseline = history === null && !empty ? asked : null;
    const standing = standingOf(resolved, history ?? baselineRows(baseline), {
      outOfOrder: call.options["out-of-order"] === true,
    });
    const strange = history === null && !empty && baseline === null;
    const name = target.place.slice(target.place.lastIndexOf("/") + 1).replace(/^pglite:/, "") || "default";
    return await work({
      key: workspaceKey({ repo: "local", dir: basename(resolve(call.cwd, dir)) || ".", name }),
      target,
      place,
      files,
      resolved,
      history,
      standing: strange ? withoutHistory(standing, place) : standing,
      baseline,
    });
  } finally {
    await target.close();
  }
};

const urlOf = (call: Call): string => {
  const url = urlOption(call, "url");
  if (url === null) throw new PlumblineError("wrong-arguments", "--url is missing: which database is meant?");
  return url;
};

/** A URL as it is given, or held by the variable that `env:NAME` names; null where it is left out. */
export const urlOption = (call: Call, option: string): string | null => {
  const given = textOption(call, option);
  const variable = /^env:(\w+)$/.exec(given ?? "")?.[1];
  if (variable === undefined) return given ?? null;
  const held = call.env[variable];
  if (held) return held;
  throw new PlumblineError("wrong-arguments", `The variable ${variable} is not set.`);
};

const ownPlaceholders = (call: Call): Readonly<Record<string, string>> =>
  Object.fromEntries(
    textsOption(call, "placeholder").map((given) => {
      const cut = given.indexOf("=");
      if (cut > 0) return [given.slice(0, cut), given.slice(cut + 1)];
      throw new PlumblineError("wrong-arguments", "--placeholder is NAME=VALUE.");
    }),
  );

const baselineVersion = (call: Call): string | null => {
  const given = textOption(call, "baseline-version");
  if (given === undefined || isVersion(given)) return given ?? null;
  throw new PlumblineError(
    "wrong-arguments",
    `--baseline-version is a version such as 1 or 2.3, not ${given}.`,
  );
};

const placeOf = async (call: Call, target: Target): Promise<HistoryPlace> => {
  const [row] = await target.query("select coalesce(current_schema(), 'public') as name");
  return {
    schema: textOption(call, "schema") ?? String(row?.["name"] ?? "public"),
    table: textOption(call, "table") ?? "flyway_schema_history",
  };
};

/** The row that stands for everything up to a version. */
export const baselineRows = (version: string | null): readonly HistoryRow[] =>
  version === null
    ? []
    : [
        {
          rank: 1,
          version,
          description: "<< Flyway Baseline >>",
          type: "BASELINE",
          script: "<< Flyway Baseline >>",
          checksum: null,
          success: true,
          installedBy: "",
          installedOn: null,
          milliseconds: 0,
        },
      ];

const withoutHistory = (standing: Standing, { schema, table }: HistoryPlace): Standing => ({
  ...standing,
  problems: [
    ...standing.problems,
    {
      problem: "not-empty",
      migration: "",
      message: `Schema ${schema} holds something, but no ${table} says how it came to be.`,
      fix: "Say up to which version it is there already: --baseline-version VERSION.",
    },
  ],
});
