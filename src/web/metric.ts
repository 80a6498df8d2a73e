import type { Numbers, Took } from "../model/numbers.ts";

/** One value of a metric; null is told as not a number. */
export interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number | null;
}

/** One metric: its name without the prefix, what it says, the names of its labels, and its values. */
export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  readonly samples: (numbers: Numbers) => readonly Sample[];
}

/** One number, without labels. */
export const single = (name: string, help: string, value: (numbers: Numbers) => number | null): Metric => ({
  ...{ name, help, labels: [] },
  samples: (numbers) => [{ value: value(numbers) }],
});

/** The median and the 95th percentile of how long something took, in seconds. */
export const took = (name: string, help: string, of: (numbers: Numbers) => Took | null): Metric => ({
  ...{ name, help, labels: ["quantile"] },
  samples: (numbers) => quantiles(of(numbers), {}),
});

export const quantiles = (one: Took | null, labels: Readonly<Record<string, string>>): readonly Sample[] =>
  one === null
    ? []
    : [
        { labels: { ...labels, quantile: "0.5" }, value: one.median },
        { labels: { ...labels, quantile: "0.95" }, value: one.slow },
      ];
