/** Values for `${name}`, whatever the case of the name. */
export type Placeholders = ReadonlyMap<string, string>;

export const placeholdersOf = (values: Readonly<Record<string, string>>): Placeholders =>
  new Map(Object.entries(values).map(([name, value]) => [name.toLowerCase(), value]));

/** The text with every placeholder filled, wherever it stands, and the names for which there is no value. */
export const fillPlaceholders = (
  text: string,
  values: Placeholders,
): { readonly text: string; readonly missing: readonly string[] } => {
  const missing = new Set<string>();
  const filled = text.replaceAll(DOLLAR, (whole, name: string | undefined) => {
    if (name === undefined) return whole;
    const value = values.get(name.toLowerCase());
    if (value === undefined) missing.add(name);
    return value ?? whole;
  });
  return { text: filled, missing: [...missing] };
};

// Flyway reads a dollar together with the character behind it: in `$${name}$$` it sees no placeholder.
const DOLLAR = /\$(?:\{([^}]*)\}|[^{])/gs;
