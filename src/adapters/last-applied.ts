import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { PlumblineError } from "../model/errors.ts";

/** A folder of a person's own repository, as it was at a commit; the repository itself is only read. */
export interface EarlierFolder {
  readonly dir: string;
  dispose(): Promise<void>;
}

/** @throws `git-failed` where the folder is no checkout or the commit is not in it. */
export const folderAt = async (dir: string, commit: string): Promise<EarlierFolder> => {
  const clone = await mkdtemp(join(tmpdir(), "plumbline-"));
  const dispose = (): Promise<void> => rm(clone, { recursive: true, force: true });
  try {
    const top = await git(dir, ["rev-parse", "--show-toplevel"]);
    const prefix = await git(dir, ["rev-parse", "--show-prefix"]);
    const sha = await git(dir, ["rev-parse", "--verify", "--end-of-options", `${commit}^{commit}`]);
    await git(clone, ["clone", "--quiet", "--shared", "--no-checkout", top, "."]);
    await git(clone, ["checkout", "--quiet", "--detach", sha]);
    const earlier = join(clone, prefix);
    // A local backend's state lies beside the code and is seldom in Git.
    await copyFile(join(dir, "terraform.tfstate"), join(earlier, "terraform.tfstate")).catch(() => undefined);
    return { dir: earlier, dispose };
  } catch (cause) {
    await dispose();
    throw new PlumblineError("git-failed", `The commit ${commit} cannot be read here.`, {
      cause,
      hint: "Give a commit of the repository that holds the folder.",
    });
  }
};

const git = async (cwd: string, args: readonly string[]): Promise<string> => {
  const { stdout } = await execa("git", args, { cwd, env: { GIT_TERMINAL_PROMPT: "0" } });
  return stdout.trim();
};
