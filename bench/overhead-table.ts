import type { Overhead, OverheadResult, Round } from "./overhead.ts";

/** At most so many times the bare time, and so many milliseconds on top. */
const AIM = { times: 1.15, plusMs: 100 } as const;

/** Medians as people read them, held against the aim. */
export const overheadTable = ({ engine, parallel, sizes }: OverheadResult["figures"]): string => {
  const header = ["workspaces", "bare ms", "Plumbline ms", "ratio", "ms above bare", "aim ms", "reached"];
  const rows = [header, ...sizes.map(rowOf)];
  const widths = header.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) => row.map((cell, column) => cell.padStart(widths[column] ?? 0)).join("  "));
  const rounds = sizes[0]?.rounds.length ?? 0;
  return [
    `${engine}, ${parallel} at once, medians of ${rounds} rounds; bare: init + plan + show in fresh clones;`,
    "Plumbline: from the webhook's departure to the comment with every plan.",
    "",
    ...lines,
    "",
    `Aim: at most ${AIM.times} × bare + ${AIM.plusMs} ms.`,
    "",
  ].join("\n");
};

const rowOf = ({ workspaces, rounds }: Overhead): readonly string[] => {
  const of = (what: (round: Round) => number): number => median(rounds.map(what));
  const [bare, plumbline] = [of((round) => round.bare), of((round) => round.plumbline)];
  const aim = AIM.times * bare + AIM.plusMs;
  const above = of((round) => round.plumbline - round.bare);
  return [
    String(workspaces),
    ...[bare, plumbline].map(whole),
    of((round) => round.plumbline / round.bare).toFixed(2),
    ...[above, aim].map(whole),
    plumbline <= aim ? "yes" : "no",
  ];
};

const whole = (ms: number): string => ms.toFixed(0);

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
};
