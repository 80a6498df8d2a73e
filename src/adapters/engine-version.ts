import type { EngineDistribution, EngineVersion } from "../ports/engine.ts";

/** What a workspace asks for; `version` is `1.11.4`, `v1.11.4`, `1.11` or constraints such as `~> 1.9, < 2`. */
export interface EngineWish {
  readonly distribution?: EngineDistribution;
  readonly version?: string;
}

export const satisfies = (found: EngineVersion, wish: EngineWish): boolean =>
  (wish.distribution === undefined || wish.distribution === found.distribution) &&
  (wish.version ?? "")
    .split(",")
    .map((each) => each.trim())
    .filter(Boolean)
    .every((constraint) => meets(found.version, constraint));

const meets = (version: string, constraint: string): boolean => {
  const parts = /^(?<operator>=|!=|>=|<=|>|<|~>)?\s*v?(?<wanted>\d+(\.\d+){0,2}(-\S+)?)$/.exec(
    constraint,
  )?.groups;
  if (!parts) return false;
  const wanted = parts["wanted"] ?? "";
  switch (parts["operator"]) {
    case undefined:
    case "=":
      return version === wanted || (!wanted.includes("-") && version.startsWith(`${wanted}.`));
    case "!=":
      return version !== wanted;
    case ">=":
      return compareVersions(version, wanted) >= 0;
    case "<=":
      return compareVersions(version, wanted) <= 0;
    case ">":
      return compareVersions(version, wanted) > 0;
    case "<":
      return compareVersions(version, wanted) < 0;
    default:
      return compareVersions(version, wanted) >= 0 && startsAlike(version, wanted);
  }
};

// `~> 1.9` allows 1.10 and not 2.0; `~> 1.9.2` allows 1.9.8 and not 1.10.
const startsAlike = (version: string, wanted: string): boolean => {
  const fixed = numbers(wanted).slice(0, Math.max(1, numbers(wanted).length - 1));
  return fixed.every((part, index) => numbers(version)[index] === part);
};

/** By number, a pre-release before its release. */
export const compareVersions = (left: string, right: string): number => {
  const [a, b] = [numbers(left), numbers(right)];
  for (const index of [0, 1, 2]) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return Number(right.includes("-")) - Number(left.includes("-"));
};

const numbers = (version: string): readonly number[] => (version.split("-")[0] ?? "").split(".").map(Number);
