import type { Codified } from "../run/codify.ts";
import { printable } from "./command.ts";

export interface CodifyReport
  extends Pick<Codified, "result" | "edits" | "refused" | "remaining" | "shared"> {
  readonly diff: string;
}

/** For a person at a terminal: the diff, the verdict, and what was left out with the reason. */
export const renderCodified = (
  { result, edits, refused, remaining, shared, diff }: CodifyReport,
  { colours, written }: { readonly colours: boolean; readonly written: boolean },
): string => {
  const lines =
    diff === ""
      ? []
      : diff
          .split("\n")
          .slice(0, -1)
          .map((line) => colouredLine(printable(line), colours));
  const left = refused.map(
    ({ address, path, reason }) => `  ${path === "" ? address : `${address} ${path}`}: ${reason}`,
  );
  const elsewhere = shared.map(({ workspace, reason }) => `  ${workspace}: ${reason ?? "plans the same"}`);
  const still = remaining.map((line) => `  ${line}`);
  return `${[
    ...lines,
    ...(lines.length > 0 ? [""] : []),
    VERDICT[result],
    ...(edits.length > 0 && !written ? ["Nothing was written; --write puts it into the files."] : []),
    ...(left.length > 0 ? ["Not written:", ...left.map(printable)] : []),
    ...(elsewhere.length > 0
      ? ["Other workspaces that read the edited files:", ...elsewhere.map(printable)]
      : []),
    ...(still.length > 0 && edits.length > 0 ? ["A plan would still do:", ...still.map(printable)] : []),
  ].join("\n")}\n`;
};

const VERDICT: Readonly<Record<Codified["result"], string>> = {
  clean: "No drift that code could say.",
  proven:
    "Proven: a refreshed plan of the edited code comes to the live values, and nothing else is planned otherwise.",
  partial:
    "Partial: what was written is proven by a refreshed plan of this workspace; the rest is told below.",
  refused: "Refused: no edit could be proven.",
};

const colouredLine = (line: string, colours: boolean): string => {
  if (!colours) return line;
  const code = line.startsWith("+") ? 32 : line.startsWith("-") ? 31 : line.startsWith("@@") ? 36 : null;
  return code === null ? line : `\u001B[${code}m${line}\u001B[0m`;
};
