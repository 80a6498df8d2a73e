/**
 * Whether a repository may be touched. `*` in an entry stands for any characters; letters match in either case,
 * as they do on every forge. An empty list allows nothing.
 */
export const allowsRepo = (allowlist: readonly string[], repo: string): boolean =>
  allowlist.some((entry) => asPattern(entry.trim()).test(repo));

const asPattern = (entry: string): RegExp => {
  const literal = entry.split("*").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${literal.join(".*")}$`, "i");
};
