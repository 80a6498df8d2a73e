/**
 * A function that puts `stand-in` where a text holds one of the secrets, each at least `SHORTEST` characters long.
 * One look at each place of the text however many secrets there are: a plan may hold thousands.
 */
export const hideSecrets = (secrets: readonly string[], standIn: string): ((text: string) => string) => {
  const longestFirst = [...secrets].sort((left, right) => right.length - left.length);
  const byStart = Map.groupBy(longestFirst, (secret) => secret.slice(0, SHORTEST));
  const mayStart = new Uint8Array(0x10000);
  for (const start of byStart.keys()) mayStart[pairAt(start, 0)] = 1;
  return (text) => {
    let shown = "";
    let from = 0;
    for (let place = 0; place + SHORTEST <= text.length; place += 1) {
      if (mayStart[pairAt(text, place)] === 0) continue;
      const candidates = byStart.get(text.slice(place, place + SHORTEST));
      const secret = candidates?.find((candidate) => text.startsWith(candidate, place));
      if (secret === undefined) continue;
      shown += text.slice(from, place) + standIn;
      from = place + secret.length;
      place = from - 1;
    }
    return shown + text.slice(from);
  };
};

/** Shorter texts stand everywhere by chance. */
export const SHORTEST = 6;

const pairAt = (text: string, place: number): number =>
  (text.charCodeAt(place) * 31 + text.charCodeAt(place + 1)) & 0xffff;
