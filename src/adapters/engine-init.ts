import { copyFile, mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { EngineCall, EngineResult } from "../ports/engine.ts";

/** Runs the engine once; `workspace` false leaves `TF_WORKSPACE` unset. */
export type RunInit = (
  args: readonly string[],
  options: { readonly workspace: boolean; readonly env?: Readonly<Record<string, string>> },
) => Promise<EngineResult>;

/**
 * `init`, and then the engine workspace: selected, or created where it is missing (unless it must exist). `default` is never named to the
 * engine, because backends without workspaces refuse the question.
 */
export const initWithWorkspace = async (
  run: RunInit,
  call: Pick<EngineCall, "dataDir" | "workspace" | "workspaceMustExist">,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<EngineResult> => {
  const selection = join(call.dataDir, "environment");
  if (call.workspace === "default") {
    await rm(selection, { force: true });
    return run(args, { workspace: false, env });
  }
  if (call.workspaceMustExist) return initExisting(run, call.workspace, args, env);
  let result = await run(args, { workspace: true, env });
  if (result.failed && /workspace "?[^"\n]*"?\s+does(?:n't| not)\s+exist/i.test(result.log)) {
    await rm(selection, { force: true });
    result = await run(args, { workspace: false, env });
  }
  if (result.failed || (await selected(selection)) === call.workspace) return result;
  const found = await run(["workspace", "select", "-no-color", call.workspace], { workspace: false });
  if (!found.failed) return result;
  const created = await run(["workspace", "new", "-no-color", call.workspace], { workspace: false });
  return created.failed ? created : result;
};

// The local backend makes what TF_WORKSPACE names; a selection must find it.
const initExisting = async (
  run: RunInit,
  workspace: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<EngineResult> => {
  const result = await run(args, { workspace: false, env });
  // A backend that has no default workspace wants to know at once.
  if (result.failed) return run(args, { workspace: true, env });
  const found = await run(["workspace", "select", "-no-color", workspace], { workspace: false });
  return found.failed ? found : result;
};

const selected = (file: string): Promise<string> => readFile(file, "utf8").catch(() => "");

/**
 * The data folder's memory of the backend. A service starts afresh, so that a changed backend block is no question
 * about migration; in a person's own folder their `init -backend-config=...` is remembered, and the modules that it
 * fetched are used where they lie.
 */
export const prepareMemory = async (dataDir: string, userData: string | null): Promise<void> => {
  const backend = join(dataDir, "terraform.tfstate");
  await rm(backend, { force: true });
  if (!userData) return;
  await copyFile(join(userData, "terraform.tfstate"), backend).catch(() => undefined);
  const modules = join(dataDir, "modules");
  await mkdir(modules, { recursive: true });
  await copyFile(join(userData, "modules/modules.json"), join(modules, "modules.json")).catch(
    () => undefined,
  );
};
