import { type Document, isMap, isSeq, parseDocument, YAMLMap, YAMLSeq } from "yaml";
import type { DriftIgnore } from "../model/config.ts";
import { PlumblineError } from "../model/errors.ts";
import { isJsonObject, type Json } from "../model/json.ts";
import { hasGlob, matchesDir } from "./dir-glob.ts";
import { dirOf } from "./workspace-entry.ts";

export interface IgnoredWorkspace {
  readonly dir: string;
  readonly name: string;
  readonly project: string | null;
  /** As the ledger keeps it: tells whether the workspace was discovered. */
  readonly config?: Json;
}

/**
 * plumbline.yaml with one more `drift.ignore` entry; comments, order and quotes of the rest survive. `null` stands for
 * a repository without the file. A workspace that the file does not list gets an entry (a copy of the glob that covered
 * it); where that would turn discovery off for all others, `autodiscover.enabled` is written out. The same target again replaces its entry.
 * Throws `config-invalid` where the text is no YAML mapping.
 */
export const addDriftIgnore = (
  yamlText: string | null,
  workspace: IgnoredWorkspace,
  entry: DriftIgnore,
): string => {
  const document: Document = parseDocument(yamlText ?? "", {
    schema: "core",
    logLevel: "error",
    prettyErrors: false,
  });
  if (document.errors.length > 0 || (document.contents !== null && !isMap(document.contents)))
    throw new PlumblineError(
      "config-invalid",
      "plumbline.yaml is no valid YAML mapping, so nothing was added.",
    );
  if (document.contents === null) document.contents = document.createNode({});
  if (!document.has("version")) document.set("version", 1);
  const item = findEntry(document, workspace) ?? addEntry(document, workspace);
  putIgnore(document, item, entry);
  return document.toString({ lineWidth: 0, ...habitsOf(yamlText ?? "") });
};

/** Blanks inside `[a]` and before `- a` as the file has them, so that the diff shows the new lines only. */
const habitsOf = (text: string): { flowCollectionPadding: boolean; indentSeq: boolean } => ({
  flowCollectionPadding: /[[{] \S/.test(text),
  indentSeq: !/^\w+:[ \t]*\n(?:[ \t]*#.*\n)*- /m.test(text),
});

const listOf = (parent: Document | YAMLMap, key: string): YAMLSeq => {
  const found = parent.get(key);
  if (isSeq(found)) return found;
  const list = new YAMLSeq();
  parent.set(key, list);
  return list;
};

const findEntry = (document: Document, { dir, name, project }: IgnoredWorkspace): YAMLMap | undefined => {
  const workspaces = document.get("workspaces");
  if (!isSeq(workspaces)) return undefined;
  return workspaces.items.filter(isMap).find((item) => {
    const itemProject = item.get("project");
    return (
      dirOf(String(item.get("dir") ?? "")) === dir &&
      String(item.get("name") ?? "default") === name &&
      (itemProject === undefined || project === null || itemProject === project)
    );
  });
};

const addEntry = (document: Document, workspace: IgnoredWorkspace): YAMLMap => {
  keepDiscovery(document, workspace);
  const { dir, name, project } = workspace;
  const workspaces = listOf(document, "workspaces");
  const item = coveringGlob(workspaces, workspace)?.clone() ?? new YAMLMap();
  item.set("dir", dir);
  if (name !== "default") item.set("name", name);
  if (project !== null) item.set("project", project);
  if (workspaces.items.length === 0) workspaces.flow = false;
  workspaces.add(item);
  return item as YAMLMap;
};

/** Listing the first workspace would end discovery; a workspace of atlantis.yaml was not discovered. */
const keepDiscovery = (document: Document, { config }: IgnoredWorkspace): void => {
  const list = document.get("workspaces");
  const listsNone = !isSeq(list) || list.items.length === 0;
  const discovered = !isJsonObject(config) || config["discovered"] === true;
  const autodiscover = document.get("autodiscover");
  if (!listsNone || !discovered) return;
  if (!isMap(autodiscover)) document.set("autodiscover", document.createNode({ enabled: true }));
  else if (!autodiscover.has("enabled")) autodiscover.set("enabled", true);
};

const coveringGlob = (workspaces: YAMLSeq, { dir, name }: IgnoredWorkspace): YAMLMap | undefined =>
  workspaces.items.filter(isMap).find((item) => {
    const glob = String(item.get("dir") ?? "");
    return hasGlob(glob) && matchesDir(glob, dir) && String(item.get("name") ?? "default") === name;
  });

const putIgnore = (document: Document, item: YAMLMap, { target, until, reason }: DriftIgnore): void => {
  const found = item.get("drift");
  const drift = isMap(found) ? found : new YAMLMap();
  if (drift !== found) item.set("drift", drift);
  const ignore = listOf(drift, "ignore");
  const node = document.createNode({
    target,
    ...(until && { until: until.toISOString() }),
    ...(reason && { reason }),
  });
  const before = ignore.items.findIndex((other) => isMap(other) && other.get("target") === target);
  if (before === -1) ignore.add(node);
  else ignore.items[before] = node;
};
