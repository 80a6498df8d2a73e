import type { StandingProblem } from "../model/migration.ts";
import { canonical, filesFor, newestOf, standsForAFile } from "./applied.ts";
import type { Execution } from "./execution.ts";
import { type HistoryRow, shortened } from "./history.ts";
import { type IgnorePattern, isIgnored } from "./ignore.ts";
import { compareVersions } from "./names.ts";
import { placesIn } from "./place.ts";
import type { Migration, Resolved } from "./resolve.ts";

export const twinProblems = ({ twins }: Resolved): readonly StandingProblem[] =>
  twins.map(([a, b]) => ({
    problem: "same-version",
    migration: a.name.version ?? a.name.description,
    message:
      a.name.version === null
        ? `Two repeatable migrations are called ${a.name.description}: ${a.path} and ${b.path}.`
        : `Two files have version ${a.name.version}: ${a.path} and ${b.path}.`,
    fix:
      a.name.version === null
        ? "Give one of them another description, or take it away."
        : "Give the one that was not applied anywhere the next free version.",
  }));

export const failedProblems = (history: readonly HistoryRow[]): readonly StandingProblem[] =>
  history
    .filter((row) => !row.success)
    .map((row) => ({
      problem: "failed",
      migration: row.version ?? row.description,
      message: `The history holds a failed run of ${row.script}, so some of its statements may have been done.`,
      fix: "Compare with `plumbline sql drift`, put the database right by hand, then delete that row (Flyway: repair).",
    }));

/** What is wrong with the files that `rows` stand for. */
export const fileProblems = (
  resolved: Resolved,
  rows: readonly HistoryRow[],
  ignore: readonly IgnorePattern[],
): readonly StandingProblem[] => {
  const newest = newestOf(
    [...resolved.migrations, ...resolved.baselines].flatMap(({ name }) => name.version ?? []),
  );
  return rows
    .filter((row) => row.success && standsForAFile(row))
    .flatMap((row) => {
      const file = filesFor(row, resolved).find((each) => isOf(each, row));
      if (file) return row.type === "SQL" && row.version !== null ? changedProblems(file, row) : [];
      const isNewer = row.version !== null && (newest === null || compareVersions(row.version, newest) >= 0);
      const status = isNewer ? "future" : "missing";
      return isIgnored(ignore, row.version, status) ? [] : [missingProblem(row)];
    });
};

const isOf = ({ name }: Migration, row: HistoryRow): boolean =>
  name.version === null || row.version === null
    ? name.version === row.version && shortened(name.description, 200, "start") === row.description
    : canonical(name.version) === canonical(row.version);

const changedProblems = (file: Migration, row: HistoryRow): readonly StandingProblem[] => {
  const migration = row.version ?? "";
  const fix = `Put ${file.path} back as it was when it was applied (git log shows it), and make the change in a new version.`;
  if (row.checksum !== null && row.checksum !== file.checksum)
    return [
      {
        problem: "checksum-changed",
        migration,
        message: `${file.path} changed after it was applied: its checksum is ${file.checksum}, the history has ${row.checksum}.`,
        fix,
      },
    ];
  if (row.description === shortened(file.name.description, 200, "start")) return [];
  return [
    {
      problem: "description-changed",
      migration,
      message: `${file.path} was applied under the description ${JSON.stringify(row.description)}.`,
      fix,
    },
  ];
};

const missingProblem = (row: HistoryRow): StandingProblem => ({
  problem: "missing",
  migration: row.version ?? row.description,
  message: `${row.script} was applied, but is no longer in the folder.`,
  fix: "Bring the file back (git log shows it); the history cannot be explained without it.",
});

export const lateProblem = ({ name, path }: Migration): StandingProblem => ({
  problem: "out-of-order",
  migration: name.version ?? "",
  message: `${path} is older than what was applied already, and was never run.`,
  fix: "Give it a version above the newest, or run with --out-of-order where its place does not matter.",
});

export const placeholderProblems = ({
  path,
  name,
  source,
  missingPlaceholders,
}: Migration): readonly StandingProblem[] =>
  missingPlaceholders.map((missing): StandingProblem => {
    const text = source.replace(/^\uFEFF/, "");
    const { line, column } = placesIn(text, false)(Math.max(0, text.indexOf(`\${${missing}}`)));
    const said = isPlaceholderName(missing)
      ? {
          message: `${path}:${line}:${column}: there is no value for \${${missing}}.`,
          fix: `Give it with --placeholder ${missing}=VALUE, or under placeholders in plumbline.yaml.`,
        }
      : {
          message: `${path}:${line}:${column}: a \${ is not closed where a name ends; everything up to the next } counts as its name.`,
          fix: `Close it, or say \`placeholderReplacement=false\` in ${path}.conf where no placeholder is meant.`,
        };
    return { problem: "no-placeholder", migration: name.version ?? name.description, ...said };
  });

const isPlaceholderName = (name: string): boolean => /^[^\s${};]{1,80}$/.test(name);

/** Why a file is not run at all, if it is not. */
export const refusedProblems = (
  { path, name }: Pick<Migration, "path" | "name">,
  execution: Execution,
): readonly StandingProblem[] =>
  execution.way === "refused"
    ? [
        {
          problem: "cannot-run",
          migration: name.version ?? name.description,
          message: `${path}:${execution.line}:${execution.column}: ${execution.why}.`,
          fix: "Mend the file.",
        },
      ]
    : [];

/** A checkout may hold a link to anything; a reviewer saw none of what it points to. */
export const linkedProblem = (path: string): StandingProblem => ({
  problem: "cannot-run",
  migration: path,
  message: `${path} is a symbolic link, and only files are run.`,
  fix: "Put the file itself there, or give the link another name.",
});
