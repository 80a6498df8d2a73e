import { placeText } from "../model/finding.ts";
import type { SharedProof } from "../model/shared-proof.ts";
import { code, codeCell } from "./escape.ts";

/** What the edit comes to in other workspaces that read the edited files, and where they contradict each other. */
export const sharedProofText = (workspace: string, shared: readonly SharedProof[]): readonly string[] => {
  if (shared.length === 0) return [];
  return [
    "**Other workspaces that share the edited files**",
    "",
    "| workspace | proof | |",
    "|---|---|---|",
    ...shared.map((one) => `| ${codeCell(one.workspace)} | ${one.result} | ${remarkOf(one)} |`),
    ...conflictText(workspace, shared),
    "",
  ];
};

const remarkOf = ({ reason, settled }: SharedProof): string => {
  const also = settled.length > 0 ? `its drift of ${settled.map(codeCell).join(", ")} is settled too` : "";
  return (
    [reason === null ? "" : codeCell(reason), also].filter((text) => text !== "").join("; ") ||
    "plans the same"
  );
};

const conflictText = (workspace: string, shared: readonly SharedProof[]): readonly string[] => {
  const all = shared.flatMap(({ workspace: other, conflicts }) =>
    conflicts.map((conflict) => ({ other, ...conflict })),
  );
  if (all.length === 0) return [];
  return [
    "",
    "**These workspaces do not agree.** One text of the code stands for both, and somebody gave each another value by hand. Nothing was written for these places: decide on one value, or give each workspace an input of its own.",
    "",
    ...all.map(({ other, address, path, values }) => {
      const place = code(placeText({ address, path }));
      return values
        ? `- ${place}: ${code(values.here)} in ${code(workspace)}, ${code(values.there)} in ${code(other)}`
        : `- ${place}: different values in ${code(workspace)} and ${code(other)}, not shown`;
    }),
  ];
};
