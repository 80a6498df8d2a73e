export const MOST_TRIES = 4;

/** A worker is not held longer than this; what takes longer comes back as an error and is queued again. */
export const longestWaitMs = 300_000;

/** Milliseconds until the same request may work, null where it won't: 0 is "no answer", 500 and more are troubles. */
export const waitAfter = (status: number, headers: Headers, tried: number, now: Date): number | null => {
  if (status !== 0 && status !== 429 && status < 500) return null;
  return asked(headers.get("retry-after"), now) ?? 500 * 2 ** (tried - 1);
};

/** `Retry-After` in seconds, or as a date. */
const asked = (header: string | null, now: Date): number | null => {
  if (header === null) return null;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now.getTime();
  return Number.isNaN(ms) ? null : Math.max(0, ms);
};
