import type { FileChange, FileFinding } from "../model/stateful-change.ts";
import { chartFindings, isChartFile } from "./chart-files.ts";
import { composeFindings, isComposeFile } from "./compose-files.ts";
import { helmFindings, isValuesFile, settingsFindings } from "./helm-values.ts";
import { policyDocumentFindings } from "./iam-files.ts";
import { manifestFindings } from "./manifests.ts";
import { codeMigrationFindings, isCodeMigration } from "./migration-code.ts";
import { isSqlFile, sqlFindings } from "./migration-sql.ts";
import { isMigrationSettings } from "./rollout.ts";
import { isStateFile, stateFileFindings } from "./state-files.ts";
import { documentsIn } from "./yaml-documents.ts";

export interface ClassifyOptions {
  /** Judges one SQL text better than keywords do; findings carry lines of the text. */
  readonly lintSql?: (sql: string, path: string) => readonly FileFinding[];
}

/**
 * What changed files beside the Terraform code do to durable state: Kubernetes objects (compared by kind, namespace
 * and name over all files, so that a moved one is not lost), Helm values, topics, migrations in SQL, changelogs and
 * code. By content first; a file in a folder of stateful things whose content cannot be judged is told by its path.
 */
export const classifyFiles = (
  changes: readonly FileChange[],
  options: ClassifyOptions = {},
): readonly FileFinding[] => {
  const judged = changes.filter((change) => isJudged(change.path) && change.before !== change.after);
  const found = [
    ...manifestFindings(judged.filter(({ path }) => isYaml(path) && !isValuesFile(path))),
    ...judged.flatMap((change) => oneFile(change, options)),
  ];
  const told = new Set(found.map(({ path }) => path));
  const silent = judged.filter((change) => !told.has(change.path));
  return [...found, ...silent.flatMap(byPath)].toSorted(worstFirst);
};

/** Whether a path may hold something to judge, so that only such files need be read. */
export const isJudged = (path: string): boolean =>
  (isYaml(path) ||
    isMigrationSettings(path) ||
    isSqlFile(path) ||
    isCodeMigration(path) ||
    isStateFile(path) ||
    isStatefulPath(path)) &&
  !NOT_LIVE.test(path);

// Terraform's own files are judged by their plan.
const NOT_LIVE =
  /(^|\/)(node_modules|\.github|\.terraform)\/|\.(tf|tofu|tfvars)(\.json)?$|\.(hcl|md)$|(^|\/)(plumbline|atlantis|migration-metadata)\.ya?ml$/;
const STATEFUL_FOLDERS =
  /(^|\/)(db\/migrate|db\/migration|migrations?|flyway|liquibase|kafka-topics|storageclass(es)?|external-secrets?)\//i;
// Program code lies in folders named iam too: below the top only what looks like data counts.
const IDENTITY_FILES = /^iam\/|(^|\/)iam\/(.*\/)?[^/]+\.(json|ya?ml|toml|policy)$/i;
/** Beside Terraform's own files: parameter groups, scripts, policies of a database. */
const DATABASE_FILES = /(^|\/)terraform\/(.*\/)?(rds|postgres)[^/]*(\/|$)/i;

const isStatefulPath = (path: string): boolean =>
  [STATEFUL_FOLDERS, IDENTITY_FILES, DATABASE_FILES].some((pattern) => pattern.test(path));

const isYaml = (path: string): boolean => /\.(ya?ml|json)$/i.test(path);

const oneFile = (change: FileChange, options: ClassifyOptions): readonly FileFinding[] => {
  if (isSqlFile(change.path)) return sqlFindings(change, options.lintSql);
  if (isCodeMigration(change.path, change.after ?? change.before ?? "")) return codeMigrationFindings(change);
  if (isValuesFile(change.path)) return helmFindings(change);
  if (isChartFile(change.path)) return chartFindings(change);
  if (isComposeFile(change.path)) return composeFindings(change);
  if (/(^|\/)(kafka-)?topics\//i.test(change.path) && isYaml(change.path))
    return settingsFindings(change, "topic");
  if (isStateFile(change.path)) return stateFileFindings(change);
  return isYaml(change.path) ? [...policyDocumentFindings(change), ...stateFileFindings(change)] : [];
};

/** Nothing in the content was understood as harmless or harmful: the folder alone says that it matters. */
const byPath = ({ path, before, after }: FileChange): readonly FileFinding[] => {
  if (!isStatefulPath(path) || isUnderstood(path, after ?? before ?? "")) return [];
  return [
    {
      path,
      subject: "",
      rule: "stateful-path",
      class: after === null ? "R3" : "R2",
      message: `${after === null ? "Removes" : "Changes"} a file among stateful things whose content Plumbline cannot judge.`,
      wayOut: "Say in the `stateful_change` block what it does, and let somebody who knows it review it.",
    },
  ];
};

const isUnderstood = (path: string, text: string): boolean => {
  if (isSqlFile(path) || isCodeMigration(path, text) || isStateFile(path)) return true;
  return isYaml(path) && (documentsIn(text) ?? []).some((one) => typeof one["kind"] === "string");
};

const worstFirst = (left: FileFinding, right: FileFinding): number =>
  right.class.localeCompare(left.class) || left.path.localeCompare(right.path);
