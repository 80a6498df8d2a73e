const UNITS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** `45s`, `30m`, `12h`, `14d`, `2w` in milliseconds; `undefined` for anything else, for zero and for more than ten years. */
export const parseDuration = (text: string): number | undefined => {
  const found = /^(\d{1,6})([smhdw])$/.exec(text);
  if (!found) return undefined;
  const milliseconds = Number(found[1]) * UNITS[found[2]!]!;
  return milliseconds > 0 && milliseconds <= 3_650 * UNITS["d"]! ? milliseconds : undefined;
};

/** The same, and `0s` for nothing at all. */
export const lengthOf = (text: string): number | undefined =>
  /^0[smhdw]?$/.test(text.trim()) ? 0 : parseDuration(text.trim());

/** Undefined where nothing is said, or no time. */
export const durationOf = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : parseDuration(text);
