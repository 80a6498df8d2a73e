import { type CodeTree, codeTree, isWanted } from "../config/code-tree.ts";
import type { ReadModule } from "../hcl/module.ts";
import type { Git } from "../ports/git.ts";

/** One commit's code, and every path in it. */
export interface CommitCode {
  readonly code: CodeTree;
  readonly paths: readonly string[];
}
export type CodeAt = (repo: string, commit: string) => Promise<CommitCode>;

const REMEMBERED = 50;

/** Reads the code of commits out of the mirror; the newest ones are remembered, since commits never change. */
export const codeReader = (
  git: Pick<Git, "listFiles" | "readFiles" | "readLinks">,
  read: ReadModule,
): CodeAt => {
  const known = new Map<string, Promise<CommitCode>>();
  return (repo, commit) => {
    const key = `${repo} ${commit}`;
    const before = known.get(key);
    if (before) return before;
    const reading = readCode(git, read, repo, commit);
    known.set(key, reading);
    reading.catch(() => known.delete(key));
    const [oldest] = known.keys();
    if (known.size > REMEMBERED && oldest !== undefined) known.delete(oldest);
    return reading;
  };
};

const readCode = async (
  git: Pick<Git, "listFiles" | "readFiles" | "readLinks">,
  read: ReadModule,
  repo: string,
  commit: string,
): Promise<CommitCode> => {
  const files = await git.listFiles(repo, commit);
  const paths = files.map((file) => file.path);
  const linkPaths = files.filter((file) => file.kind === "symlink").map((file) => file.path);
  const [bytes, links] = await Promise.all([
    git.readFiles(repo, commit, paths.filter(isWanted)),
    linkPaths.length > 0 ? git.readLinks(repo, commit, linkPaths) : new Map<string, string>(),
  ]);
  const decoder = new TextDecoder();
  const texts = new Map([...bytes].map(([path, content]) => [path, decoder.decode(content)]));
  return { code: codeTree({ paths, texts, links }, read), paths };
};
