import { cp, mkdir, stat, symlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { execa } from "execa";
import { PlumblineError } from "../model/errors.ts";

/** A folder of a person's own repository, as it was at a commit. */
export interface EarlierFolder {
  readonly dir: string;
  /** Whether the folder holds the same files now. */
  readonly same: boolean;
}

/** The top of the checkout that holds a folder, absolute. @throws `git-failed` where there is none. */
export const checkoutTop = (dir: string, commit: string): Promise<string> =>
  reading(commit, () => git(dir, ["rev-parse", "--show-toplevel"]));

/**
 * Checks a commit out into the new folder `to`; the repository itself is only read. What Git does not keep of it
 * (states, packages, untracked variable files) is there too, as it is today.
 * @throws `git-failed` where the commit or the folder in it cannot be read.
 */
export const folderAt = (dir: string, commit: string, to: string): Promise<EarlierFolder> =>
  reading(commit, async () => {
    const top = await git(dir, ["rev-parse", "--show-toplevel"]);
    const prefix = await git(dir, ["rev-parse", "--show-prefix"]);
    const sha = await git(dir, ["rev-parse", "--verify", "--end-of-options", `${commit}^{commit}`]);
    await mkdir(to, { recursive: true });
    await git(to, ["clone", "--quiet", "--shared", "--no-checkout", "--template=", top, "."]);
    await git(to, ["checkout", "--quiet", "--detach", sha]);
    const earlier = join(to, prefix);
    if (!(await stat(earlier).catch(() => null))?.isDirectory())
      throw new Error(`it has no folder ${prefix}`);
    const outside = await notInGit(top);
    for (const name of outside.filter((one) => !isCode(one))) await bring(top, to, name);
    const fresh = outside.some((name) => isCode(name) && dirname(name) === dirname(join(prefix, "x")));
    return { dir: earlier, same: !fresh && (await isAsAt(dir, sha)) };
  });

const reading = async <T>(commit: string, read: () => Promise<T>): Promise<T> => {
  try {
    return await read();
  } catch (cause) {
    throw new PlumblineError("git-failed", `The commit ${commit} cannot be read here: ${whyNot(cause)}.`, {
      cause,
      hint: "Give a commit of the repository that holds the folder.",
    });
  }
};

const whyNot = (cause: unknown): string => {
  const { stderr, message } = cause as { readonly stderr?: string; readonly message: string };
  const said = (stderr ?? message).trim().split("\n").at(-1) ?? "";
  return said.replace(/^fatal: /, "").replace(/\.$/, "");
};

/** A folder that is wholly outside Git is one name; a state counts as outside even where somebody committed it. */
const notInGit = async (top: string): Promise<readonly string[]> => {
  const others = await git(top, ["ls-files", "--others", "--directory", "-z"]);
  const states = await git(top, ["ls-files", "-z", "--", "*.tfstate"]);
  return [...new Set([...others.split("\0"), ...states.split("\0")])].filter((name) => name !== "");
};

const isCode = (name: string): boolean =>
  /\.(tf|tofu)(\.json)?$/.test(name) || basename(name) === ".terraform.lock.hcl";

// A state is copied, since an engine may write beside it; the rest is only read.
const bring = async (from: string, to: string, name: string): Promise<void> => {
  const target = join(to, name);
  await mkdir(dirname(target), { recursive: true });
  if (/\.tfstate(\.d\/?)?$/.test(name)) await cp(join(from, name), target, { recursive: true, force: true });
  else await symlink(join(from, name), target.replace(/\/$/, "")).catch(() => undefined);
};

const isAsAt = async (dir: string, sha: string): Promise<boolean> =>
  (await git(dir, ["diff", "--name-only", sha, "--", "."])) === "";

const git = async (cwd: string, args: readonly string[]): Promise<string> => {
  const env = { GIT_TERMINAL_PROMPT: "0", GIT_OPTIONAL_LOCKS: "0" };
  const { stdout } = await execa("git", ["-c", "core.hooksPath=/dev/null", ...args], { cwd, env });
  return stdout.trim();
};
