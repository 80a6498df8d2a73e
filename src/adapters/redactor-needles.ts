const PREFIX = 6;

/** Many strings looked for in one pass: the time depends on the text's length, hardly on how many are known. */
export const createNeedles = () => {
  const byPrefix = new Map<string, string[]>();
  // One bit per hash of three characters: nearly every position of a log is dismissed by one look.
  const starts = new Uint8Array(1 << 16);

  const add = (needle: string): void => {
    const prefix = needle.slice(0, PREFIX);
    const known = byPrefix.get(prefix) ?? [];
    if (needle.length < PREFIX || known.includes(needle)) return;
    byPrefix.set(
      prefix,
      [...known, needle].sort((left, right) => right.length - left.length),
    );
    starts[hashAt(needle, 0)] = 1;
  };

  const longestAt = (text: string, at: number): number => {
    const known = byPrefix.get(text.slice(at, at + PREFIX));
    return known?.find((needle) => text.startsWith(needle, at))?.length ?? 0;
  };

  /** Secrets that overlap are one hole, so that no tail of the second is left. */
  const replace = (text: string, by: string): string => {
    if (byPrefix.size === 0) return text;
    const kept: string[] = [];
    let from = 0;
    let until = 0;
    for (let at = 0; at <= text.length - PREFIX; at += 1) {
      if (starts[hashAt(text, at)] === 0) continue;
      const length = longestAt(text, at);
      if (length === 0) continue;
      if (until === 0 || at >= until) {
        kept.push(text.slice(from, at), by);
      }
      until = Math.max(until, at + length);
      from = until;
    }
    return kept.length === 0 ? text : kept.join("") + text.slice(from);
  };

  return { add, replace };
};

const hashAt = (text: string, at: number): number =>
  (text.charCodeAt(at) ^ (text.charCodeAt(at + 1) << 5) ^ (text.charCodeAt(at + 2) << 10)) & 0xffff;
