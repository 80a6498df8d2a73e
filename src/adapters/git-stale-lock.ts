import { rm, stat } from "node:fs/promises";
import { sep } from "node:path";

/**
 * A git that was killed leaves its lock files, and every later one stops at them. Removes the one that git complains
 * of when it lies in the mirror and is older than any git of ours may live. True when it is worth another try.
 */
export const removeStaleLock = async (
  stderr: string,
  { mirror, now, olderThanMs }: { readonly mirror: string; readonly now: Date; readonly olderThanMs: number },
): Promise<boolean> => {
  const path = /Unable to create '([^'\n]+\.lock)': File exists/.exec(stderr)?.[1];
  if (path === undefined || !path.startsWith(mirror + sep) || path.includes("..")) return false;
  const there = await stat(path).catch(() => null);
  if (there && there.mtimeMs > now.getTime() - olderThanMs) return false;
  await rm(path, { force: true });
  return true;
};
