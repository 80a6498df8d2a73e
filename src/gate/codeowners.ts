import ignore from "ignore";

/** Where a repository may keep the file; the first that is there counts. */
export const CODEOWNERS_PLACES = [
  ".github/CODEOWNERS",
  "CODEOWNERS",
  "docs/CODEOWNERS",
  ".gitlab/CODEOWNERS",
  ".gitea/CODEOWNERS",
] as const;

/**
 * The owners of the given files by a CODEOWNERS text: logins without `@`, teams as `@org/team`. For each file the last
 * line that matches counts, also where it names nobody; e-mail addresses stand for no login and are left out.
 */
export const codeOwners = (text: string, files: readonly string[]): readonly string[] => {
  const rules = text.split(/\r?\n/).flatMap(ruleIn);
  const owners = files.flatMap((file) => rules.findLast((rule) => rule.covers(file))?.owners ?? []);
  return [...new Set(owners)];
};

interface Rule {
  readonly covers: (file: string) => boolean;
  readonly owners: readonly string[];
}

const ruleIn = (line: string): readonly Rule[] => {
  const [pattern, ...names] = withoutComment(line)
    .split(/(?<!\\)\s+/)
    .filter((word) => word !== "");
  // GitLab's sections, and what CODEOWNERS has no meaning for.
  if (pattern === undefined || /^[![^]/.test(pattern)) return [];
  try {
    const matcher = ignore().add(pattern);
    const owners = names
      .filter((name) => name.startsWith("@"))
      .map((name) => (name.includes("/") ? name : name.slice(1)));
    return [{ owners, covers: (file) => matcher.ignores(file) && !isDeeper(pattern, file) }];
  } catch {
    return [];
  }
};

const withoutComment = (line: string): string => line.replace(/(^|\s)#.*$/, "");

/** `docs/*` owns the files of a folder and not those of the folders in it, unlike in .gitignore. */
const isDeeper = (pattern: string, file: string): boolean =>
  /[^*]\/\*$/.test(pattern) && file.split("/").length > pattern.replace(/^\//, "").split("/").length;
