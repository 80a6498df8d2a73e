/**
 * Why a name cannot be an engine workspace, `undefined` when it can; Atlantis's rule, for every way in (comment,
 * YAML, HCL, API). It becomes an argument and a part of paths, so it must be neither a flag nor a path.
 */
export const workspaceNameProblem = (name: string): string | undefined => {
  if (/[/\\]/.test(name)) return "cannot contain a slash or a backslash";
  if (name.includes("..")) return "cannot contain `..`";
  if (name === ".") return "cannot be `.`";
  if (name.startsWith("-")) return "cannot start with `-`, which begins a flag";
  if (name.startsWith("~")) return "cannot start with `~`";
  if (name.includes("$")) return "cannot contain `$`: nothing is expanded";
  if (/[\p{White_Space}\p{Cc}]/u.test(name)) return "cannot contain blanks or control characters";
  return undefined;
};
