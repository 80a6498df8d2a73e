import type { Parsed, RepoConfig } from "../model/config.ts";
import { parseRepoConfig, type RepoFile } from "./repo-config.ts";

/**
 * Everything that is wrong with a repository's file and can be told without its repository. What it says about the
 * file alone is what the service says, because it is the same reading.
 */
export const checkConfigText = (text: string, { file }: { readonly file: RepoFile }): Parsed<RepoConfig> =>
  parseRepoConfig(text, { file });

export type ConfigKind = RepoFile | "server";

/** Which of the three files a text is: by its name, else by the keys at its top. */
export const configKind = (fileName: string, text: string): ConfigKind => {
  const base = fileName.slice(fileName.lastIndexOf("/") + 1);
  if (/^plumbline\.ya?ml$/.test(base)) return "plumbline.yaml";
  if (/^atlantis\.ya?ml$/.test(base)) return "atlantis.yaml";
  if (/^(projects|workflows|policies):/m.test(text)) return "atlantis.yaml";
  if (/^(workspaces|stateful):/m.test(text)) return "plumbline.yaml";
  const version = /^version:\s*["']?(\d+)/m.exec(text)?.[1];
  if (version === "2" || version === "3") return "atlantis.yaml";
  return version === "1" ? "plumbline.yaml" : "server";
};
