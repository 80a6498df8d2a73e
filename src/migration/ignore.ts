/** What may be passed over, in Flyway's words: `*:missing`, `repeatable:missing`, `versioned:ignored`, `*:future`. */
export type IgnorePattern = string;

export type IgnoredStatus = "missing" | "ignored" | "future";

/** Flyway's own, where nothing is said. */
export const IGNORED_BY_DEFAULT: readonly IgnorePattern[] = ["*:future"];

export const isIgnorePattern = (text: string): boolean =>
  /^(\*|versioned|repeatable):(\*|missing|pending|ignored|future)$/i.test(text);

export const isIgnored = (
  patterns: readonly IgnorePattern[],
  version: string | null,
  status: IgnoredStatus,
): boolean => {
  const kind = version === null ? "repeatable" : "versioned";
  return patterns.some((pattern) => {
    const [of, what] = pattern.toLowerCase().split(":");
    return (of === "*" || of === kind) && (what === "*" || what === status);
  });
};
