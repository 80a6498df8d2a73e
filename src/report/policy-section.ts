import type { PolicyTestReport } from "../model/policy.ts";
import { code, plain, sentence } from "./escape.ts";
import { type Block, text } from "./pack.ts";
import type { PullView, WorkspaceView } from "./pull-view.ts";

type Policies = NonNullable<WorkspaceView["policies"]>;
type Told = Policies["warned"][number];

/** What policies say of a workspace's plan: denials first, each with its set, its rule, why, and who may let it pass. */
export const policyBlocks = (
  { policies, selector }: Pick<WorkspaceView, "policies" | "selector">,
  { trigger }: Pick<PullView, "trigger">,
): readonly Block[] => {
  if (!policies) return [];
  const { denied, warned, dryRun = [], excepted = [], approved = [] } = policies;
  return [
    ...listBlock("**Policies deny this plan**", denied.map(line)),
    ...(denied.length > 0 ? [text(waysOut(denied, `${trigger} approve_policies ${selector}`))] : []),
    ...listBlock("Denied by policies, and approved by their owners for this very plan", approved.map(line)),
    ...listBlock("Policies warn", warned.map(line)),
    ...listBlock("On trial: these policies would deny", dryRun.map(line)),
    ...listBlock(
      "Let pass by an exception",
      excepted.map((one) => `${line(one)} — ${plain(one.owner)}${until(one)}: ${plain(one.reason)}`),
    ),
  ];
};

/** Unit tests of the policies that the pull request changes; those that hold are one line. */
export const policyTestBlocks = (reports: readonly PolicyTestReport[]): readonly Block[] =>
  reports.flatMap(({ folder, passed, failed, error }) => [
    text(
      error === null
        ? `Unit tests of the policies in ${code(folder)}: ${passed} passed, ${failed.length} failed.`
        : `**The unit tests of the policies in ${code(folder)} could not run:** ${plain(error)}`,
    ),
    ...listBlock(
      "**They do not hold**",
      failed.map((one) => `- ${code(one.test)} (${code(one.file)}): ${plain(one.why)}`),
    ),
  ]);

const listBlock = (title: string, lines: readonly string[]): readonly Block[] =>
  lines.length === 0 ? [] : [{ head: `${title}\n`, lines, tail: "" }];

const line = ({ set, policy, message }: Told): string =>
  `- ${set === undefined ? "" : `${plain(set)}, `}${code(policy)}: ${plain(message)}`;

const until = ({ until: day }: { readonly until: string }): string =>
  day === "" ? "" : `, until ${plain(day)}`;

const waysOut = (denied: Policies["denied"], command: string): string => {
  const sets = [...new Map(denied.map((one) => [one.set, one])).values()];
  const who = sets.map(({ set, owners = [], needs = 1 }) => {
    const people = owners.length > 0 ? owners.map(code).join(", ") : "nobody: it names no owner";
    return `${set === undefined ? "the policies" : code(set)}: ${people}${needs > 1 ? ` (${needs} of them)` : ""}`;
  });
  return `→ ${sentence(`Mend what they name and push; or an owner comments \`${command}\`. Owners of ${who.join("; ")}`)}`;
};
