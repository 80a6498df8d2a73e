import type { RepoConfig } from "../model/config.ts";
import { atlantisShape } from "./atlantis-schema.ts";
import { fromPlumblineYaml } from "./plumbline-file.ts";
import { plumblineShape, type WorkspaceYaml } from "./plumbline-schema.ts";
import { readYaml } from "./yaml.ts";

export interface Salvaged {
  readonly config: RepoConfig;
  /** Where each workspace stands in the file's list. */
  readonly places: readonly number[];
}

/**
 * Of a file with wrong keys or types, as much as says which workspaces there are and what they wait for, so that
 * those problems are told in the same go. `undefined` where the text is no YAML mapping with a list of them.
 */
export const salvaged = (text: string, file: "plumbline.yaml" | "atlantis.yaml"): Salvaged | undefined => {
  const own = file === "plumbline.yaml";
  const read = readYaml(text, own ? plumblineShape : atlantisShape, { firstDocument: !own });
  const value = read.ok ? mapping(read.value) : undefined;
  const list = value?.[own ? "workspaces" : "projects"];
  if (!value || !Array.isArray(list)) return undefined;
  const entries = list.map((entry) => (own ? ownEntry(entry) : projectEntry(entry)));
  const workspaces = entries.filter((entry) => entry !== undefined);
  const autodiscover = mapping(value["autodiscover"]);
  const enabled = own ? autodiscover?.["enabled"] === true : autodiscover?.["mode"] === "enabled";
  const config = fromPlumblineYaml({ version: 1, workspaces, autodiscover: { enabled } });
  // An entry without a folder may be the one that others mean.
  const complete = workspaces.length === list.length;
  return {
    config: {
      ...config,
      source: file,
      autodiscover: { ...config.autodiscover, enabled: enabled || !complete },
    },
    places: entries.flatMap((entry, index) => (entry === undefined ? [] : [index])),
  };
};

type Mapping = Readonly<Record<string, unknown>>;

const mapping = (value: unknown): Mapping | undefined =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Mapping) : undefined;

const ownEntry = (entry: unknown): WorkspaceYaml | undefined => {
  const { dir, name, project: named, depends_on, var_files } = mapping(entry) ?? {};
  if (typeof dir !== "string" || dir === "") return undefined;
  return {
    dir,
    name: textOr(name),
    project: textOr(named),
    depends_on: textsOf(depends_on),
    var_files: textsOf(var_files),
  };
};

const projectEntry = (entry: unknown): WorkspaceYaml | undefined => {
  const { name, workspace, ...rest } = mapping(entry) ?? {};
  return ownEntry({ ...rest, name: workspace, project: name, var_files: [] });
};

const textOr = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

const textsOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
