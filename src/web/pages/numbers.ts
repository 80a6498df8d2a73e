import type { Numbers, Part, Took, Week } from "../../model/numbers.ts";
import { chart, MOST_SERIES, type Series } from "./chart.ts";
import { html, type Piece } from "./html.ts";
import { facts, table, withQuery } from "./lists.ts";
import type { Asked, Page } from "./page.ts";

const SPANS = ["4", "12", "26", "52"];
const USUAL = "12";

export const numbersPage: Page = {
  path: "/numbers",
  menu: "Numbers",
  draw: async (asked) => {
    const numbers = await asked.ask<Numbers>("numbers", { query: asked.query });
    const body = html`<h1>Numbers</h1>
      ${spans(asked.query)}
      ${drift(numbers)}
      ${runs(numbers)}
      ${owners(numbers)}
      <div class="charts">${charts(numbers.weeks)}</div>`;
    return { title: "Numbers", body };
  },
};

const spans = (query: Asked["query"]): Piece =>
  html`<nav class="pager" aria-label="Span of time">${SPANS.map(
    (weeks) =>
      html`<a href=${withQuery("/numbers", query, { weeks })} aria-current=${(query["weeks"] ?? USUAL) === weeks ? "true" : null}>${weeks} weeks</a>`,
  )}</nav>`;

const UNITS: readonly (readonly [number, string])[] = [
  [86_400, "d"],
  [3_600, "h"],
  [60, "min"],
  [1, "s"],
];

/** Two digits at least: `1.5 min`, `26 s`. */
const seconds = (value: number): string => {
  const [size, unit] = UNITS.find(([one]) => value >= one) ?? [1, "s"];
  const many = value / size;
  return `${many < 10 ? Math.round(many * 10) / 10 : Math.round(many)} ${unit}`;
};
const percent = (share: number): string => `${Math.round(share * 100)} %`;

const tookText = (took: Took | null): string =>
  took === null
    ? "nothing to measure"
    : `${seconds(took.median)}; 95 % within ${seconds(took.slow)} (of ${took.count})`;
const partText = (part: Part | null): string =>
  part === null || part.share === null
    ? "nothing to measure"
    : `${percent(part.share)} (${part.are} of ${part.of})`;

const drift = (numbers: Numbers): Piece =>
  html`<section aria-labelledby="drift"><h2 id="drift">Drift made by hand</h2>${facts([
    [
      "Oldest that is open",
      numbers.oldestDriftSeconds === null ? "none" : seconds(numbers.oldestDriftSeconds),
    ],
    ["Found to pull request", tookText(numbers.toPull)],
    ["Pull request to formalized or reverted", tookText(numbers.pullToEnd)],
    ["Found to formalized or reverted", tookText(numbers.toEnd)],
    ["Followed through", partText(numbers.followedThrough)],
    ["Caught within one cycle", partText(numbers.caughtInCycle)],
    ["Looks begin late by", tookText(numbers.lateness)],
  ])}</section>`;

const runs = (numbers: Numbers): Piece =>
  html`<section aria-labelledby="runs"><h2 id="runs">Runs</h2>${facts(
    (["plan", "apply", "drift"] as const).map((kind) => {
      const took = numbers.runs.find((one) => one.kind === kind && one.state === "succeeded")?.took ?? null;
      const failed = numbers.failures.find((one) => one.kind === kind) ?? null;
      return [`${kind}: takes`, html`${tookText(took)}<br />failed: ${partText(failed)}`] as const;
    }),
  )}</section>`;

const owners = ({ owners: all }: Numbers): Piece =>
  html`<section aria-labelledby="owners"><h2 id="owners">Console changes by team</h2>
    ${table(
      "Console changes by team",
      [
        { name: "Team", cell: ({ owner }) => owner ?? "nobody's" },
        { name: "Found", cell: ({ found }) => found },
        { name: "In whole weeks", cell: ({ whole }) => whole },
        { name: "As many weeks before", cell: ({ before }) => before ?? TOO_EARLY },
        {
          name: "Trend",
          cell: ({ whole, before }) => (before === null ? TOO_EARLY : trend(whole - before)),
        },
      ],
      all,
      "Nobody changed anything by hand.",
    )}</section>`;

const TOO_EARLY = "not enough data yet";

const trend = (more: number): Piece => {
  const [sign, tone, words] =
    more > 0
      ? ["▲", "warn", `${more} more`]
      : more < 0
        ? ["▼", "good", `${-more} less`]
        : ["=", "note", "the same"];
  return html`<span class=${`badge ${tone}`}><span aria-hidden="true">${sign}</span> ${words}</span>`;
};

const charts = (weeks: readonly Week[]): Piece => {
  const columns = weeks.map(({ week, isWhole }) => (isWhole ? week : `${week}, not a whole week`));
  const of = (name: string, value: (week: Week) => number | null): Series => ({
    name,
    values: weeks.map((week) => (week.isRecorded ? value(week) : null)),
  });
  const share = (one: Week["plan"]): number | null => (one.ended === 0 ? null : one.failed / one.ended);
  const count = (value: number): string => String(Math.round(value * 10) / 10);
  return [
    chart({
      ...{ id: "by-team", title: "Console changes per week by team", kind: "stacked", columns },
      ...{ series: byTeam(weeks), text: count },
    }),
    chart({
      ...{ id: "flow", title: "Drift per week", kind: "lines", columns, text: count },
      series: [of("found", (week) => week.found), of("formalized or reverted", (week) => week.ended)],
    }),
    chart({
      ...{ id: "to-end", title: "From found to formalized or reverted, median", kind: "lines", columns },
      ...{ series: [of("to its end", (week) => week.toEndSeconds)], text: seconds },
    }),
    chart({
      ...{ id: "took", title: "Plan and apply time, median", kind: "lines", columns, text: seconds },
      series: [of("plan", ({ plan }) => plan.seconds), of("apply", ({ apply }) => apply.seconds)],
    }),
    chart({
      ...{ id: "failed", title: "Failure rate", kind: "lines", columns, text: percent },
      series: [of("plan", ({ plan }) => share(plan)), of("apply", ({ apply }) => share(apply))],
    }),
  ];
};

/** The teams with most changes; all others are one. */
const byTeam = (weeks: readonly Week[]): readonly Series[] => {
  const totals = new Map<string | null, number>();
  for (const { owner, found } of weeks.flatMap((week) => week.byOwner))
    totals.set(owner, (totals.get(owner) ?? 0) + found);
  const teams = [...totals].toSorted(([, left], [, right]) => right - left).map(([owner]) => owner);
  const named = teams.length > MOST_SERIES ? teams.slice(0, MOST_SERIES - 1) : teams;
  const foundBy = (week: Week, counts: (owner: string | null) => boolean): number | null =>
    week.isRecorded
      ? week.byOwner.filter(({ owner }) => counts(owner)).reduce((sum, { found }) => sum + found, 0)
      : null;
  const series = named.map((team) => ({
    name: team ?? "nobody's",
    values: weeks.map((week) => foundBy(week, (owner) => owner === team)),
  }));
  return named.length === teams.length
    ? series
    : [
        ...series,
        { name: "others", values: weeks.map((week) => foundBy(week, (owner) => !named.includes(owner))) },
      ];
};
