import type { ConfigProblem, Parsed, RepoConfig } from "../model/config.ts";
import { parseRepoConfig, parseShape, type RepoFile } from "./repo-config.ts";
import { serverSchema, serverShape } from "./server-schema.ts";

/**
 * Everything that is wrong with a repository's file and can be told without its repository. What it says about the
 * file alone is what the service says, because it is the same reading.
 */
export const checkConfigText = (text: string, { file }: { readonly file: RepoFile }): Parsed<RepoConfig> =>
  parseRepoConfig(text, { file });

export interface CheckedFile {
  readonly kind: ConfigKind;
  readonly problems: readonly ConfigProblem[];
  /** Keys that do nothing here. */
  readonly warnings: readonly ConfigProblem[];
}

/**
 * `config check` of one file, whichever of the three it is. A server file may leave to variables what it needs, so
 * only what it says is judged.
 */
export const checkConfigFile = (fileName: string, text: string): CheckedFile => {
  const kind = configKind(fileName, text);
  const parsed: Parsed<unknown> =
    kind === "server" ? parseShape(text, serverSchema, serverShape) : checkConfigText(text, { file: kind });
  if (!parsed.ok) return { kind, problems: parsed.problems, warnings: [] };
  return { kind, problems: [], warnings: kind === "server" ? [] : (parsed.value as RepoConfig).warnings };
};

export type ConfigKind = RepoFile | "server";

/** Which of the three files a text is: by its name, else by the keys at its top. */
export const configKind = (fileName: string, text: string): ConfigKind => {
  const base = fileName.slice(fileName.lastIndexOf("/") + 1);
  if (/^plumbline\.ya?ml$/.test(base)) return "plumbline.yaml";
  if (/^atlantis\.ya?ml$/.test(base)) return "atlantis.yaml";
  if (/^plumbline-server\.ya?ml$/.test(base)) return "server";
  if (/^(projects|workflows):/m.test(text)) return "atlantis.yaml";
  if (/^(workspaces|stateful|governance|policy_exceptions):/m.test(text)) return "plumbline.yaml";
  const version = /^version:\s*["']?(\d+)/m.exec(text)?.[1];
  if (version === "2" || version === "3") return "atlantis.yaml";
  return version === "1" ? "plumbline.yaml" : "server";
};
