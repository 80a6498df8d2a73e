import { join } from "node:path";
import type { EngineCall } from "../ports/engine.ts";
import type { CliConfigSettings } from "./engine-cli-config.ts";
import type { ProcessSpec } from "./engine-process.ts";
import type { Sandbox } from "./sandbox.ts";

type Start = Pick<ProcessSpec, "binary" | "args" | "env">;

export interface Places {
  readonly reads?: readonly string[];
  readonly writes?: readonly string[];
  readonly outlives?: boolean;
}

/**
 * The start of an engine, inside the sandbox where there is one: it sees the checkout, its own data folder, the
 * providers and what the call names. Packages in the store are read only; this process puts them there.
 */
export const confined = (
  settings: Pick<CliConfigSettings, "env" | "cacheDir" | "mirror"> & { readonly sandbox: Sandbox | null },
  call: Pick<EngineCall, "dir" | "tree" | "dataDir" | "reads">,
  start: Start,
  { reads = [], writes = [], outlives = false }: Places,
): Start & Pick<ProcessSpec, "behindBwrap"> => {
  const { sandbox, cacheDir, mirror } = settings;
  if (!sandbox) return start;
  const home = settings.env["HOME"];
  const { binary, args, env, behindBwrap } = sandbox.wrap(start.binary, start.args, {
    cwd: call.dir,
    read: [
      join(cacheDir, "providers"),
      ...(mirror ? [mirror] : []),
      ...(home ? [join(home, ".terraform.d/plugins")] : []),
      ...(call.reads ?? []),
      ...reads,
    ],
    write: [call.tree ?? call.dir, call.dataDir, ...writes],
    outlives,
  });
  return { binary, args, env: { ...start.env, ...env }, behindBwrap };
};
