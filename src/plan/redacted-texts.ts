/** The same value with every text in it redacted, names of fields too; dates and what else writes itself stay as they are. */
export const redactedTexts = <Value>(value: Value, redact: (text: string) => string): Value =>
  hidden(value, redact) as Value;

const hidden = (value: unknown, redact: (text: string) => string): unknown => {
  if (typeof value === "string") return redact(value);
  if (Array.isArray(value)) return value.map((one) => hidden(one, redact));
  if (!isPlain(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [redact(name), hidden(one, redact)]));
};

export const isPlain = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" &&
  value !== null &&
  [Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null);
