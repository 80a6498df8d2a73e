import type { Node } from "libpg-query";
import { as, settingsOf } from "./nodes.ts";
import type { Scene } from "./scene.ts";

/** Takes in where unqualified names are looked for from here on, and whether locks are waited for without end. */
export const learnSettings = (scene: Scene, node: Node): void => {
  for (const { name, values, isLocal } of settingsOf(node)) {
    if (name === "search_path") setPath(scene, pathOf(values), isLocal);
    if (name === "lock_timeout") scene.file.lockTimeout = true;
  }
  const reset = as(node, "VariableSetStmt");
  const isReset = reset?.kind === "VAR_RESET" || reset?.kind === "VAR_SET_DEFAULT";
  if (isReset && reset.name === "search_path") setPath(scene, scene.searchPath, reset.is_local === true);
  if (reset?.kind === "VAR_RESET_ALL" || as(node, "DiscardStmt")?.target === "DISCARD_ALL")
    setPath(scene, scene.searchPath, false);
};

const setPath = ({ file }: Scene, path: readonly string[], isLocal: boolean): void => {
  file.searchPath = path;
  if (!isLocal) file.sessionPath = path;
};

const pathOf = (values: readonly string[]): readonly string[] => {
  const named = values.map((value) => value.replaceAll('"', "")).filter((value) => !NOBODYS.has(value));
  return named.length === 0 ? ["public"] : named;
};

const NOBODYS: ReadonlySet<string> = new Set(["", "$user", "pg_catalog", "pg_temp"]);
