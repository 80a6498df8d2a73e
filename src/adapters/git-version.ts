import { execa } from "execa";
import { gitMissing } from "./git-process.ts";

/** `2.39.5` of the git on the PATH. Throws `git-missing` where there is none, or where it is no git. */
export const gitVersion = async (env: Readonly<Record<string, string | undefined>>): Promise<string> => {
  const call = { env: { PATH: env["PATH"] ?? "", LC_ALL: "C" }, extendEnv: false, reject: false } as const;
  const result = await execa("git", ["--version"], { ...call, timeout: 10_000 });
  const version = /git version (\d+(?:\.\d+)+)/.exec(result.stdout)?.[1];
  if (version === undefined) throw gitMissing();
  return version;
};
