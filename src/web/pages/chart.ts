import { html, type Piece } from "./html.ts";

export interface Series {
  readonly name: string;
  /** One for each column; null where there is nothing to show. */
  readonly values: readonly (number | null)[];
}

export interface Chart {
  readonly id: string;
  readonly title: string;
  readonly kind: "stacked" | "lines";
  /** Each begins with the date that stands below it. */
  readonly columns: readonly string[];
  readonly series: readonly Series[];
  /** A value as people read it: `3 h`, `40 %`. */
  readonly text: (value: number) => string;
}

const WIDE = 640;
const HIGH = 200;
/** Room for `1.5 min` in the letters of a phone. */
const LEFT = 76;
const BOTTOM = 24;
const TOP = 10;
const PLOT = { width: WIDE - LEFT - 8, height: HIGH - TOP - BOTTOM };
/** Colours of series in the stylesheet. */
export const MOST_SERIES = 6;

/** A chart as a picture with its numbers in a table below it: whoever cannot see it reads the same. */
export const chart = (one: Chart): Piece => {
  const highest = topOf(one);
  if (highest === null)
    return html`<section><h2>${one.title}</h2><p class="empty">Nothing to show.</p></section>`;
  return html`<figure class="chart" aria-labelledby=${`${one.id}-title`}>
    <figcaption id=${`${one.id}-title`}><h2>${one.title}</h2></figcaption>
    ${legend(one)}
    <svg viewBox=${`0 0 ${WIDE} ${HIGH}`} role="img" aria-label=${`${one.title}. The table below has its numbers.`}>
      ${[0, 0.5, 1].map((share) => scaleLine(share, one.text(highest * share)))}
      ${one.columns.map((column, at) => (isNamed(at, one.columns.length) ? columnName(column, at, one) : null))}
      ${one.kind === "stacked" ? bars(one, highest) : lines(one, highest)}
    </svg>
    ${asTable(one)}
  </figure>`;
};

const shown = (value: number | null | undefined): value is number => typeof value === "number";

/** The value at the upper edge; null where there is none. */
const topOf = ({ kind, series, columns }: Chart): number | null => {
  const heights = columns.map((_, at) => {
    const values = series.map(({ values: all }) => all[at]).filter(shown);
    if (values.length === 0) return null;
    return kind === "stacked" ? values.reduce((sum, value) => sum + value, 0) : Math.max(...values);
  });
  const known = heights.filter(shown);
  return known.length === 0 || Math.max(...known) <= 0 ? null : Math.max(...known);
};

const legend = ({ series }: Chart): Piece =>
  series.length < 2
    ? null
    : html`<ul class="legend" aria-hidden="true">${series.map(
        ({ name }, at) =>
          html`<li><svg class=${`key s${at}`} viewBox="0 0 12 12"><rect width="12" height="12" /></svg> ${name}</li>`,
      )}</ul>`;

const scaleLine = (share: number, text: string): Piece => {
  const y = TOP + PLOT.height * (1 - share);
  return html`<g><line class="grid" x1=${LEFT} x2=${LEFT + PLOT.width} y1=${y} y2=${y} />
    <text x=${LEFT - 6} y=${y + 4} text-anchor="end">${text}</text></g>`;
};

/** Six names at most, so that none covers another. */
const isNamed = (at: number, of: number): boolean => at % Math.ceil(of / 6) === 0;

const middle = (at: number, { columns }: Chart): number => LEFT + (PLOT.width / columns.length) * (at + 0.5);

const columnName = (name: string, at: number, one: Chart): Piece =>
  html`<text x=${middle(at, one)} y=${HIGH - 6} text-anchor="middle">${name.slice(5, 10)}</text>`;

const round = (value: number): number => Math.round(value * 10) / 10;

const bars = (one: Chart, highest: number): Piece =>
  one.columns.map((column, at) => {
    const width = (PLOT.width / one.columns.length) * 0.7;
    let below = 0;
    return html`<g>${one.series.map(({ name, values }, index) => {
      const value = values[at] ?? 0;
      const height = (value / highest) * PLOT.height;
      below += height;
      return value === 0
        ? null
        : html`<rect class=${`s${index}`} x=${round(middle(at, one) - width / 2)} y=${round(TOP + PLOT.height - below)}
            width=${round(width)} height=${round(height)}><title>${column}, ${name}: ${one.text(value)}</title></rect>`;
    })}</g>`;
  });

const lines = (one: Chart, highest: number): Piece =>
  one.series.map(({ name, values }, index) => {
    const stretches = stretchesOf(values).map((stretch) =>
      stretch.map(({ value, at }) => ({
        ...{ value, at, x: round(middle(at, one)), y: round(TOP + PLOT.height * (1 - value / highest)) },
      })),
    );
    return html`<g class=${`line s${index}`}>
      ${stretches.map((points) => html`<polyline points=${points.map(({ x, y }) => `${x},${y}`).join(" ")} />`)}
      ${stretches
        .flat()
        .map(
          ({ x, y, at, value }) =>
            html`<circle cx=${x} cy=${y} r="3.5"><title>${one.columns[at] ?? ""}, ${name}: ${one.text(value)}</title></circle>`,
        )}</g>`;
  });

interface Point {
  readonly value: number;
  readonly at: number;
}

/** What lies side by side: no line leads over a column of which nothing is known. */
const stretchesOf = (values: readonly (number | null)[]): readonly (readonly Point[])[] => {
  const stretches: Point[][] = [];
  for (const [at, value] of values.entries()) {
    if (!shown(value)) continue;
    const last = stretches.at(-1);
    if (last?.at(-1)?.at === at - 1) last.push({ value, at });
    else stretches.push([{ value, at }]);
  }
  return stretches;
};

const asTable = ({ title, columns, series, text }: Chart): Piece =>
  html`<details><summary>${title}, as a table</summary>
    <table><caption class="unseen">${title}</caption>
      <thead><tr><th scope="col">Week of</th>${series.map(({ name }) => html`<th scope="col">${name}</th>`)}</tr></thead>
      <tbody>${columns.map(
        (column, at) =>
          html`<tr><td data-name="Week of"><div>${column}</div></td>${series.map(({ name, values }) => {
            const value = values[at];
            return html`<td data-name=${name}><div>${shown(value) ? text(value) : "none"}</div></td>`;
          })}</tr>`,
      )}</tbody></table></details>`;
