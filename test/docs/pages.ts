import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../cli/world.ts";

export interface Page {
  /** From the root of the project: `docs/how-to/freeze.md`. */
  readonly path: string;
  readonly text: string;
}

/** A fenced block. */
export interface Snippet {
  readonly page: string;
  readonly line: number;
  /** First word behind the fence. */
  readonly language: string;
  /** Words after it: what it is, and the file that it stands for. */
  readonly words: readonly string[];
  readonly text: string;
}

/** Every page that people read: docs/ and what lies in the root. */
export const pages = (): readonly Page[] =>
  globSync(["docs/**/*.md", "README.md", "CHANGELOG.md"], { cwd: ROOT })
    .toSorted()
    .map((path) => ({ path, text: readFileSync(join(ROOT, path), "utf8") }));

/** Its fenced blocks, those in lists without their indentation. */
export const snippetsOf = ({ path, text }: Page): readonly Snippet[] => {
  const found: Snippet[] = [];
  let open: {
    readonly fence: string;
    readonly indent: string;
    readonly info: string;
    readonly line: number;
  } | null = null;
  let lines: string[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    const [, indent = "", fence = "", info = ""] = /^(\s*)(`{3,}|~{3,})(.*)$/.exec(line) ?? [];
    if (!open) {
      if (fence !== "") open = { fence, indent, info: info.trim(), line: index + 1 };
      lines = [];
    } else if (fence.startsWith(open.fence) && info.trim() === "") {
      const [language = "", ...words] = open.info.split(/\s+/);
      found.push({ page: path, line: open.line, language, words, text: `${lines.join("\n")}\n` });
      open = null;
    } else lines.push(line.startsWith(open.indent) ? line.slice(open.indent.length) : line.trimStart());
  }
  if (open) throw new Error(`${path}:${open.line}: this block has no end.`);
  return found;
};

/** The page without its fenced blocks, line for line. */
export const proseOf = ({ text }: Page): string => {
  let fence = "";
  return text
    .split("\n")
    .map((line) => {
      const [, mark = ""] = /^\s*(`{3,}|~{3,})/.exec(line) ?? [];
      if (fence === "" && mark !== "") fence = mark;
      else if (fence !== "" && mark.startsWith(fence)) fence = "";
      else return fence === "" ? line : "";
      return "";
    })
    .join("\n");
};
