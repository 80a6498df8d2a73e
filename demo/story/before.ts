import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Engine, EngineResult } from "../../src/ports/engine.ts";
import { WORKSPACES } from "./example.ts";

/** What acme did before Plumbline: somebody applied the four workspaces from a laptop. */
export const applyFromLaptop = async (
  engine: Engine,
  folder: string,
  files: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>>,
): Promise<void> => {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  const [first, ...rest] = WORKSPACES;
  await applyOne(engine, folder, first, env);
  await Promise.all(rest.map((name) => applyOne(engine, folder, name, env)));
  await rm(folder, { recursive: true, force: true });
};

const applyOne = async (
  engine: Engine,
  folder: string,
  name: string,
  env: Readonly<Record<string, string>>,
): Promise<void> => {
  const call = { dir: join(folder, name), dataDir: join(folder, ".data", name), workspace: "default", env };
  mustWork(await engine.init(call));
  const out = join(folder, `${name}.tfplan`);
  mustWork(await engine.plan(call, { out, lock: true }));
  mustWork(await engine.apply(call, out));
};

const mustWork = (result: EngineResult): void => {
  if (result.failed)
    throw new Error(`The demo could not prepare its cloud. ${result.diagnostics || result.shortMessage}`);
};
