/** Paths inside a repository: slashes, relative to its root, `.` for the root itself. Nothing here touches a disk. */

/** The shortest equal path, as Go's path.Clean writes it: no empty or `.` steps, `..` taken back where possible. */
export const cleanPath = (path: string): string => {
  const rooted = path.startsWith("/");
  const steps: string[] = [];
  for (const step of path.split("/")) {
    if (step === "" || step === ".") continue;
    if (step !== "..") steps.push(step);
    else if (steps.length > 0 && steps.at(-1) !== "..") steps.pop();
    else if (!rooted) steps.push("..");
  }
  const joined = steps.join("/");
  if (rooted) return `/${joined}`;
  return joined === "" ? "." : joined;
};

export const joinPath = (...parts: readonly string[]): string =>
  cleanPath(parts.filter((part) => part !== "").join("/"));

export const parentOf = (path: string): string => {
  const slash = path.lastIndexOf("/");
  if (slash === -1) return ".";
  return slash === 0 ? "/" : path.slice(0, slash);
};

export const baseName = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/** Whether a cleaned path lies in the folder, at any depth. */
export const isUnder = (path: string, dir: string): boolean =>
  dir === "." || path === dir || path.startsWith(`${dir}/`);

/** Whether a cleaned path leaves the repository. */
export const escapes = (path: string): boolean =>
  path === ".." || path.startsWith("../") || path.startsWith("/");
