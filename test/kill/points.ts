import type { KillPoint } from "./service-program.ts";

/** Before and after every call of a dry run, and `during` moments spread over the engine's apply. */
export const allPoints = (calls: readonly string[], during = 20): readonly KillPoint[] => {
  const counts = new Map<string, number>();
  const around = calls.flatMap((label): KillPoint[] => {
    const nth = (counts.get(label) ?? 0) + 1;
    counts.set(label, nth);
    return [
      { when: "before", label, nth },
      { when: "after", label, nth },
    ];
  });
  const next = seeded(20_260_703);
  const within = Array.from({ length: during }, (): KillPoint => {
    return { when: "during", ms: Math.round(next() * 2_500) };
  });
  return [...around, ...within];
};

/** So many points from before the engine's apply, within it, and after it; which ones is drawn. */
export const sampled = (
  calls: readonly string[],
  counts: { readonly before: number; readonly during: number; readonly after: number },
): readonly KillPoint[] => {
  const all = allPoints(calls);
  const apply = calls.indexOf("engine.apply") * 2;
  const parts = [
    { points: all.slice(0, apply + 1), count: counts.before },
    { points: all.filter(({ when }) => when === "during"), count: counts.during },
    { points: all.slice(apply + 1).filter(({ when }) => when !== "during"), count: counts.after },
  ];
  return parts.flatMap(({ points, count }) => mixed(points).slice(0, count));
};

/** In an order that is mixed and always the same: however few there is time for, they are from everywhere. */
export const mixed = <One>(all: readonly One[]): readonly One[] => {
  const next = seeded(8);
  return all
    .map((one) => ({ one, at: next() }))
    .toSorted((left, right) => left.at - right.at)
    .map(({ one }) => one);
};

export const nameOf = (point: KillPoint): string =>
  point.when === "during"
    ? `${point.ms} ms into the engine's apply`
    : `${point.when} ${point.label} #${point.nth}`;

/** The same numbers at every run (mulberry32). */
const seeded = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};
