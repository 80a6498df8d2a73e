/** A copy in which every text has passed the redactor, however deep; dates stay dates. */
export const redacted = <T>(value: T, redact: (text: string) => string): T => {
  const copy = (one: unknown): unknown => {
    if (typeof one === "string") return redact(one);
    if (Array.isArray(one)) return one.map(copy);
    if (typeof one !== "object" || one === null || one instanceof Date) return one;
    return Object.fromEntries(Object.entries(one).map(([name, inside]) => [name, copy(inside)]));
  };
  return copy(value) as T;
};
