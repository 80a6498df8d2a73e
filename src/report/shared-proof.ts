import { placeText } from "../model/finding.ts";
import type { SharedProof } from "../model/shared-proof.ts";
import { code, codeCell } from "./escape.ts";

/** What the edit comes to in other workspaces that read the edited files, and where they contradict each other. */
export const sharedProofText = (workspace: string, shared: readonly SharedProof[]): readonly string[] => {
  if (shared.length === 0) return [];
  // What is not proven is news; the rest may be left out.
  const told = shared.toSorted((left, right) => Number(isProven(left)) - Number(isProven(right)));
  return [
    "**Other workspaces that share the edited files**",
    "",
    "| workspace | proof | |",
    "|---|---|---|",
    ...told
      .slice(0, MOST_ROWS)
      .map((one) => `| ${codeCell(one.workspace)} | ${one.result} | ${remarkOf(one)} |`),
    ...(told.length > MOST_ROWS ? ["", `And ${told.length - MOST_ROWS} more.`] : []),
    ...conflictText(workspace, shared),
    "",
  ];
};

const isProven = ({ result }: SharedProof): boolean => result === "proven";

const MOST_ROWS = 30;
const MOST_CONFLICTS = 20;
const MOST_SETTLED = 5;
const LONGEST = 300;

const remarkOf = ({ reason, settled }: SharedProof): string => {
  const also =
    settled.length > 0
      ? `its drift of ${settled.slice(0, MOST_SETTLED).map(codeCell).join(", ")}${settled.length > MOST_SETTLED ? ` and ${settled.length - MOST_SETTLED} more` : ""} is settled too`
      : "";
  return (
    [reason === null ? "" : codeCell(shortened(reason)), also].filter((text) => text !== "").join("; ") ||
    "plans the same"
  );
};

const shortened = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);

const conflictText = (workspace: string, shared: readonly SharedProof[]): readonly string[] => {
  const all = shared.flatMap(({ workspace: other, conflicts }) =>
    conflicts.map((conflict) => ({ other, ...conflict })),
  );
  if (all.length === 0) return [];
  return [
    "",
    "**These workspaces do not agree.** One text of the code stands for both, and somebody gave each another value by hand. Nothing was written for these places: decide on one value, or give each workspace an input of its own.",
    "",
    ...all.slice(0, MOST_CONFLICTS).map(({ other, address, path, values }) => {
      const place = code(placeText({ address, path }));
      return values
        ? `- ${place}: ${code(shortened(values.here))} in ${code(workspace)}, ${code(shortened(values.there))} in ${code(other)}`
        : `- ${place}: different values in ${code(workspace)} and ${code(other)}, not shown`;
    }),
    ...(all.length > MOST_CONFLICTS ? [`- and ${all.length - MOST_CONFLICTS} more`] : []),
  ];
};
