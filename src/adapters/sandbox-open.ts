import { access } from "node:fs/promises";
import { execa } from "execa";
import { PlumblineError } from "../model/errors.ts";
import type { SandboxConfig } from "../model/isolation.ts";
import { createSandbox, probeArguments, type Sandbox } from "./sandbox.ts";
import { onPath } from "./tool-path.ts";

type Variables = Readonly<Record<string, string | undefined>>;

/** What a machine offers: a sandbox that was tried, or why there is none. */
export type FoundSandbox = { readonly sandbox: Sandbox } | { readonly missing: string };

/**
 * Tries the sandbox once. `auto` does without where there is none and says why; an allow list of hosts is a promise,
 * and so as good as `required`.
 * @throws `sandbox-missing`
 */
export const openSandbox = async (
  config: SandboxConfig,
  env: Variables,
  nodePath = process.execPath,
): Promise<FoundSandbox> => {
  if (config.mode === "off") return { missing: "it is switched off (sandbox.mode)" };
  const found = await tried(config, env, nodePath);
  if ("sandbox" in found || (config.mode === "auto" && config.egress === null)) return found;
  throw new PlumblineError("sandbox-missing", `Runs cannot be confined on this machine: ${found.missing}.`);
};

const tried = async (config: SandboxConfig, env: Variables, nodePath: string): Promise<FoundSandbox> => {
  if (process.platform !== "linux") return { missing: "bubblewrap needs Linux" };
  const bwrap = await onPath("bwrap", env);
  if (bwrap === null) return { missing: "bubblewrap (bwrap) is not on the PATH" };
  // Signals find the engine by it.
  const children = `/proc/${process.pid}/task/${process.pid}/children`;
  if (
    !(await access(children).then(
      () => true,
      () => false,
    ))
  )
    return { missing: "this kernel does not tell the children of a process" };
  // Migration tools reach their database alone wherever that can be had.
  const cut = await probe(bwrap, env, true);
  const whole = cut === null || config.egress !== null ? cut : await probe(bwrap, env, false);
  if (whole !== null) return { missing: `bubblewrap may not make its namespaces here (${whole})` };
  const { read, write, egress } = config;
  return { sandbox: createSandbox({ bwrap, nodePath, read, write, egress, cutsNetwork: cut === null }) };
};

/** Null where it works, else its last words. */
const probe = async (bwrap: string, env: Variables, net: boolean): Promise<string | null> => {
  const result = await execa(bwrap, [...probeArguments(net)], {
    env: { PATH: env["PATH"] },
    extendEnv: false,
    stdin: "ignore",
    reject: false,
    timeout: 10_000,
  });
  if (!result.failed) return null;
  const [said = ""] = String(result.stderr ?? "")
    .trim()
    .split("\n")
    .slice(-1);
  return said || (result.shortMessage ?? "it failed");
};
