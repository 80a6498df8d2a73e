import { addDriftIgnore } from "../config/drift-ignore.ts";
import { parseDuration } from "../config/duration.ts";
import { asPlumblineError } from "../model/errors.ts";
import type { PullRequest } from "../model/pull.ts";
import type { WorkspaceRow } from "../ports/ledger.ts";
import { foreignBranch } from "../report/drift-answers.ts";
import { code, fenced, plain } from "../report/escape.ts";
import type { Asked, CommandHandler } from "./asked.ts";
import { reply } from "./asked.ts";
import { othersOn } from "./drift-branch.ts";
import { driftNamed } from "./drift-targets.ts";
import { addPendingIgnore, type PendingIgnore } from "./pending-ignores.ts";
import type { World } from "./world.ts";

/** `ignore address.path --for 14d --reason "..."`: written to plumbline.yaml on the drift branch, so that it is reviewed. */
export const ignoreCommand: CommandHandler = async (world, asked) => {
  const { pull, command, commentId } = asked;
  const row = await world.ledger.pulls.get(pull);
  const workspace = row?.driftOf ? await world.ledger.workspaces.get(row.driftOf) : null;
  if (!workspace) return [reply(asked, "`ignore` works on a drift pull request: it writes to its branch.")];
  const wish = readWish(world, asked);
  if ("answer" in wish) return [reply(asked, wish.answer)];
  const found = await driftNamed(world, [workspace.key], command.args ?? []);
  if ("answer" in found) return [reply(asked, found.answer)];
  const stopped = await whatStops(world, pull, workspace, wish.entries);
  if (stopped !== null) return [reply(asked, stopped)];
  for (const entry of wish.entries) await addPendingIgnore(world, workspace.key, entry);
  return [
    reply(asked, takenDown(wish.entries)),
    { job: { kind: "drift", workspace: workspace.key, slot: `ignore:${commentId}`, pull } },
  ];
};

const DAY_MS = 86_400_000;
const DEFAULT_MS = 14 * DAY_MS;
const LEAST_MS = 3_600_000;
/** What is to stay for longer belongs into the code: `lifecycle.ignore_changes`, or the value itself. */
const MOST_MS = 366 * DAY_MS;
const LONGEST_REASON = 500;

const readWish = (
  world: World,
  { command, by }: Asked,
): { readonly entries: readonly PendingIgnore[] } | { readonly answer: string } => {
  const { for: time, reason } = command.flags ?? {};
  const targets = [...new Set(command.args ?? [])];
  if (targets.length === 0 || typeof reason !== "string" || reason.trim() === "")
    return { answer: 'Say what and why: `plumbline ignore ADDRESS.PATH --for 14d --reason "..."`.' };
  if (reason.length > LONGEST_REASON)
    return { answer: `The reason is too long: at most ${LONGEST_REASON} characters fit in plumbline.yaml.` };
  const length = typeof time === "string" ? (parseDuration(time) ?? 0) : DEFAULT_MS;
  if (length < LEAST_MS || length > MOST_MS)
    return {
      answer: `\`--for\` takes one hour (1h) to one year (365d). What is to stay longer belongs into the code.`,
    };
  const until = new Date(world.clock.now().getTime() + length).toISOString();
  return { entries: targets.map((target) => ({ target, reason: `${reason.trim()} (${by})`, until })) };
};

const whatStops = async (
  world: World,
  pull: PullRequest,
  workspace: WorkspaceRow,
  entries: readonly PendingIgnore[],
): Promise<string | null> => {
  const others = await othersOn(world, pull);
  if (others.length > 0)
    return `${foreignBranch(others)} Write it into plumbline.yaml on this branch, below the workspace:\n\n${byHand(entries)}`;
  const bytes = await world.git.readFile(workspace.repo, pull.base.sha, "plumbline.yaml");
  const text = bytes === null ? null : new TextDecoder().decode(bytes);
  try {
    const [first] = entries;
    if (first) addDriftIgnore(text, workspace, { ...first, until: new Date(first.until) });
    return null;
  } catch (failure) {
    return `${plain(asPlumblineError(failure).message)} Mend it on the deploy branch first.`;
  }
};

const byHand = (entries: readonly PendingIgnore[]): string =>
  fenced(
    [
      "drift:",
      "  ignore:",
      ...entries.flatMap(({ target, until, reason }) => [
        `    - target: ${JSON.stringify(target)}`,
        `      until: ${until}`,
        `      reason: ${JSON.stringify(reason)}`,
      ]),
    ].join("\n"),
    "yaml",
  );

const takenDown = (entries: readonly PendingIgnore[]): string => {
  const what = entries.map(({ target }) => code(target)).join(", ");
  const until = (entries[0]?.until ?? "").slice(0, 16).replace("T", " ");
  return `Taken down: ${what} ${entries.length === 1 ? "is" : "are"} ignored until ${until} UTC. This branch gets it in plumbline.yaml, and no longer the edit for it. Merge to make it count.`;
};
