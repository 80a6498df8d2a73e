import { type SimpleGit, simpleGit } from "simple-git";
import type { Environment } from "./git-environment.ts";

/**
 * simple-git in a checkout, with our environment and nothing of the process's own. It holds back what it deems unsafe
 * in an environment; ours is built by us alone, from fixed names. After a command that prints nothing it waits 50 ms
 * for what may still come: where time counts, call one that prints.
 */
export const checkedOut = (path: string, env: Environment, timeoutMs?: number): SimpleGit =>
  simpleGit({
    baseDir: path,
    maxConcurrentProcesses: 4,
    allowEnvironment: Object.keys(env),
    unsafe: {
      allowUnsafeAskPass: true,
      allowUnsafeConfigEnvCount: true,
      allowUnsafeConfigPaths: true,
      allowUnsafeCredentialHelper: true,
      allowUnsafeFilter: true,
      allowUnsafeFsMonitor: true,
      allowUnsafeHooksPath: true,
      allowUnsafeProtocolOverride: true,
      allowUnsafeSshCommand: true,
      allowUnsafeUrlRewrite: true,
      allowUnsafeSubmodule: true,
    },
    ...(timeoutMs === undefined ? {} : { timeout: { block: timeoutMs } }),
  }).env({ ...env });
