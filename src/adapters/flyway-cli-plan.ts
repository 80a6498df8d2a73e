import { PlumblineError } from "../model/errors.ts";
import type { MigrationStanding, StandingProblem } from "../model/migration.ts";
import type { MigrationCall } from "../ports/migrations.ts";
import type { FlywayAnswer } from "./flyway-command.ts";
import type { MigrationProgram } from "./migration-program.ts";

/** What ours found, and Flyway's word on it. @throws `database-unavailable` */
export const withFlyway = (
  { redactor }: MigrationProgram,
  { dir }: MigrationCall,
  ours: MigrationStanding,
  answers: readonly FlywayAnswer[],
): MigrationStanding => {
  const failed = answers.find(({ error }) => error)?.error;
  if (failed?.errorCode === "DB_CONNECTION")
    throw new PlumblineError("database-unavailable", `Flyway cannot reach ${ours.target.place}.`);
  const said = failed
    ? [{ ...problemOf(failed.errorCode, "", redactor.redact(failed.message)) }]
    : answers.flatMap(({ invalidMigrations }) =>
        (invalidMigrations ?? []).map(({ version, description, errorDetails: { errorCode, errorMessage } }) =>
          problemOf(errorCode, version || description, redactor.redact(errorMessage)),
        ),
      );
  const problems = [...ours.problems, ...said.filter((theirs) => !isKnown(theirs, ours.problems))];
  return {
    ...ours,
    tool: "flyway",
    toolVersion: answers.map(({ flywayVersion }) => flywayVersion).find((version) => version !== "") ?? null,
    problems: problems.length > 0 ? problems : disagreements(ours, pendingOf(answers, dir)),
  };
};

/** Paths, relative to the folder, of what Flyway would run, in its order. */
export const pendingOf = (answers: readonly FlywayAnswer[], dir: string): readonly string[] =>
  answers
    .filter(({ operation }) => operation === "info")
    .flatMap(({ migrations }) => migrations ?? [])
    .filter(({ state }) => state === "Pending")
    .map(({ filepath }) => relativeTo(dir, filepath));

export const relativeTo = (dir: string, path: string): string => {
  const own = path.replaceAll("\\", "/");
  return own.startsWith(`${dir}/`) ? own.slice(dir.length + 1) : own;
};

const PROBLEMS: Readonly<Record<string, StandingProblem["problem"]>> = {
  CHECKSUM_MISMATCH: "checksum-changed",
  DESCRIPTION_MISMATCH: "description-changed",
  APPLIED_VERSIONED_MIGRATION_NOT_RESOLVED: "missing",
  APPLIED_REPEATABLE_MIGRATION_NOT_RESOLVED: "missing",
  RESOLVED_VERSIONED_MIGRATION_NOT_APPLIED: "out-of-order",
  FAILED_VERSIONED_MIGRATION: "failed",
  FAILED_REPEATABLE_MIGRATION: "failed",
  DUPLICATE_VERSIONED_MIGRATION: "same-version",
  DUPLICATE_REPEATABLE_MIGRATION: "same-version",
};

const problemOf = (code: string, migration: string, message: string): StandingProblem => ({
  problem: PROBLEMS[code] ?? "cannot-run",
  migration,
  message: `Flyway: ${message.replaceAll(/\s+/g, " ").trim()}`,
  fix: "Do as Flyway says, or ask `plumbline sql plan --tool builtin` what it makes of it.",
});

// One that Flyway says of all files, or of the same one.
const isKnown = (theirs: StandingProblem, ours: readonly StandingProblem[]): boolean =>
  ours.some(
    ({ problem, migration }) =>
      (theirs.migration === "" && (problem === theirs.problem || problem === "no-placeholder")) ||
      (problem === theirs.problem && migration === theirs.migration),
  );

const disagreements = (
  { pending }: MigrationStanding,
  theirs: readonly string[],
): readonly StandingProblem[] => {
  const ours = pending.map(({ file }) => file);
  if (ours.join("\n") === theirs.join("\n")) return [];
  const words = (files: readonly string[]) => (files.length === 0 ? "nothing" : files.join(", "));
  return [
    {
      problem: "cannot-run",
      migration: "",
      message: `Flyway would run ${words(theirs)}, by the files it is ${words(ours)}.`,
      fix: "Look at the folder for names that only one of them reads, such as Java or script migrations.",
    },
  ];
};
