import { compareVersions } from "./names.ts";
import type { Resolved } from "./resolve.ts";

/**
 * Paths of the next versioned files of a folder, beside its newest one and numbered as that is: a timestamp after
 * timestamps, else one more in the last part, with its zeros. `descriptions` as file names have them.
 */
export const nextPaths = (
  { migrations, baselines }: Pick<Resolved, "migrations" | "baselines">,
  descriptions: readonly string[],
  now: Date,
): readonly string[] => {
  const newest = [...migrations, ...baselines]
    .filter(({ name }) => name.version !== null)
    .toSorted((a, b) => compareVersions(a.name.version ?? "0", b.name.version ?? "0"))
    .at(-1);
  const cut = (newest?.path.lastIndexOf("/") ?? -1) + 1;
  const folder = newest?.path.slice(0, cut) ?? "";
  let version = /^[VB]([\d._]+?)(?:__|\.sql$)/i.exec(newest?.path.slice(cut) ?? "")?.[1] ?? "0";
  return descriptions.map((description) => {
    version = nextVersion(version, now);
    return `${folder}V${version}__${description}.sql`;
  });
};

/** The version after another one, written as that is: a timestamp after a timestamp, else one more. */
export const nextVersion = (version: string, now: Date): string => {
  const [, head = "", last = version] = /^(.*[._])?(\d+)$/.exec(version) ?? [];
  const counted = String(BigInt(last) + 1n).padStart(last.length, "0");
  // A year first, and digits for month, day, hour and minute at least.
  if (head !== "" || !/^(19|20)\d{10}(\d\d)?(\d{3})?$/.test(last)) return `${head}${counted}`;
  const stamp = now.toISOString().replaceAll(/\D/g, "").slice(0, last.length);
  return BigInt(stamp) > BigInt(last) ? stamp : counted;
};
