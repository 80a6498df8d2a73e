/**
 * A page with its generated parts written anew: each lies between `<!-- generated: NAME -->` and `<!-- end: NAME -->`.
 * Throws where the page lacks one of them, or has one that nobody writes.
 */
export const withParts = (page: string, parts: Readonly<Record<string, string>>): string => {
  const named = [...page.matchAll(/<!-- generated: ([\w-]+) -->/g)].map(([, name]) => name ?? "");
  const unknown = named.find((name) => !Object.hasOwn(parts, name));
  if (unknown !== undefined) throw new Error(`Nobody writes the part ${unknown}.`);
  return Object.entries(parts).reduce((text, [name, part]) => {
    const [from, to] = [`<!-- generated: ${name} -->`, `<!-- end: ${name} -->`];
    const [start, end] = [text.indexOf(from), text.indexOf(to)];
    if (start === -1 || end < start) throw new Error(`The page has no part ${name}.`);
    return `${text.slice(0, start + from.length)}\n${part.trimEnd()}\n${text.slice(end)}`;
  }, page);
};

/** A row of a Markdown table. */
export const row = (...cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;

/** A Markdown table. */
export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(...head), `|${head.map(() => "---|").join("")}`, ...rows.map((cells) => row(...cells))].join("\n");
