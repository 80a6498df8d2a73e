import { placeText } from "../model/finding.ts";
import type { SharedProof } from "../model/shared-proof.ts";
import { driftBranch } from "./drift-pull.ts";
import { code } from "./escape.ts";
import { sharedProofText } from "./shared-proof.ts";

export interface ImportView {
  /** Workspace key. */
  readonly workspace: string;
  readonly dir: string;
  readonly address: string;
  readonly id: string;
  readonly by: string;
  readonly refused: readonly { readonly address: string; readonly path: string; readonly reason: string }[];
  /** What a plan of the branch does besides. */
  readonly remaining: readonly string[];
  /** What the files come to in other workspaces that read them. */
  readonly shared: readonly SharedProof[];
}

/** The branch of a workspace's imports where no drift pull request is open for it. */
export const importBranch = (workspace: string): string =>
  driftBranch(workspace).replace("plumbline/drift/", "plumbline/import/");

export const importPullTitle = ({ address, dir }: ImportView): string =>
  `Take over ${address} in ${dir}`.replaceAll(/\s+/g, " ").slice(0, 200);

/** The pull request's text: what it holds, what was proven, what merging does. */
export const importPullBody = (view: ImportView): string =>
  [
    `Asked for by ${code(view.by)}: ${code(view.id)} was made outside of Git. This branch holds an \`import\` block and the resource ${code(view.address)} of ${code(view.workspace)}.`,
    "",
    provenText(view),
    "",
    "**Merge it** and the apply takes it into the state; nothing live is touched. The `import` block may be removed afterwards. Close it, and nothing has happened.",
    ...leftText(view),
    ...sharedText(view),
  ].join("\n");

/** The answer to whoever asked; `where` names the pull request that holds it. */
export const importReply = (view: ImportView, where: string): string =>
  [
    `${where} an \`import\` block for ${code(view.id)} and the resource ${code(view.address)}. ${provenText(view)}`,
    ...leftText(view),
    ...sharedText(view),
  ].join("\n");

const sharedText = ({ workspace, shared }: ImportView): readonly string[] =>
  shared.length === 0 ? [] : ["", ...sharedProofText(workspace, shared)];

export const importRefused = ({ address, id, refused }: ImportView): string =>
  [
    `${code(address)} was not taken over from ${code(id)}: nothing was proven, so nothing was written.`,
    ...leftText({ refused, remaining: [] }),
  ].join("\n");

const provenText = ({ remaining }: ImportView): string =>
  `Proven: a refreshed plan imports 1 resource, changes none of its values, and plans everything else as before${remaining.length === 0 ? "" : `: ${remaining.map(code).join(", ")}`}.`;

const leftText = ({ refused }: Pick<ImportView, "refused" | "remaining">): readonly string[] =>
  refused.length === 0
    ? []
    : ["", "**Not written**", "", ...refused.map((one) => `- ${code(placeText(one))}: ${one.reason}`)];
