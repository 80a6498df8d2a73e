/** Chance that is the same at every run with the same seed. */
export interface Seeded {
  /** From 0 up to, never, 1. */
  next(): number;
  /** A whole number from 0 below `count`. */
  below(count: number): number;
  /** One of them; fails where there is none. */
  one<T>(of: readonly T[]): T;
  /** True so often. */
  happens(share: number): boolean;
}

/** mulberry32. */
export const seeded = (seed: number): Seeded => {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (count: number): number => Math.floor(next() * count);
  return {
    next,
    below,
    one: (of) => {
      const found = of[below(of.length)];
      if (found === undefined) throw new Error("There is nothing to choose from.");
      return found;
    },
    happens: (share) => next() < share,
  };
};
