import { createHash } from "node:crypto";
import { type Suggestion, suggestionsFor } from "../codify/suggestions.ts";
import { asPlumblineError } from "../model/errors.ts";
import { isJsonObject } from "../model/json.ts";
import type { PullRequest } from "../model/pull.ts";
import type { WorkspaceRow } from "../ports/ledger.ts";
import { renderMarker } from "../report/marker.ts";
import { overlapAdvice, overlapText, suggestionRemark } from "../report/suggestion.ts";
import { type DriftCode, driftCodeOf } from "./drift-code.ts";
import { driftOf } from "./drift-of.ts";
import type { World } from "./world.ts";

/**
 * Tells other open pull requests that change the lines of a drift pull request's edit, with the edit as a suggestion
 * where it fits: once per place and head. What goes wrong here costs the drift pull request nothing.
 */
export const suggestElsewhere = async (
  world: World,
  workspace: WorkspaceRow,
  drift: PullRequest,
  edit: DriftCode | null,
): Promise<void> => {
  if (!edit || Object.keys(edit.files).length === 0) return;
  for (const pull of await world.forge.openPulls(workspace.repo)) {
    await suggestSafely(world, workspace, drift, edit, pull);
  }
};

/** The same, for one pull request that was opened or pushed: every open drift pull request of its repository. */
export const suggestOpenDrift = async (world: World, pull: PullRequest): Promise<void> => {
  const { repo } = pull;
  const rows = (await world.ledger.pulls.list({ repo, state: "open" })).filter((row) => row.driftOf !== null);
  for (const row of rows) {
    const workspace = await world.ledger.workspaces.get(row.driftOf ?? "");
    const edit =
      workspace && (await driftCodeOf(world, workspace, await world.ledger.findings.open(workspace.key)));
    if (workspace && edit)
      await suggestSafely(world, workspace, await world.forge.pull(row.pull), edit, pull);
  }
};

const suggestSafely = async (
  world: World,
  workspace: WorkspaceRow,
  drift: PullRequest,
  edit: DriftCode,
  pull: PullRequest,
): Promise<void> => {
  try {
    if (await isOther(world, workspace, drift, pull)) await suggestOn(world, workspace, drift, edit, pull);
  } catch (failure) {
    const { code } = asPlumblineError(failure);
    world.log.warn("an overlap with drift was not told", { pull: pull.number, error: code });
  }
};

const isOther = async (
  world: World,
  { refs }: WorkspaceRow,
  drift: PullRequest,
  pull: PullRequest,
): Promise<boolean> =>
  pull.number !== drift.number &&
  pull.base.ref === refs.desired.branch &&
  (!pull.fork || world.server.forks) &&
  (await driftOf(world, pull)) === null;

const suggestOn = async (
  world: World,
  { repo }: WorkspaceRow,
  drift: PullRequest,
  edit: DriftCode,
  pull: PullRequest,
): Promise<void> => {
  const { sha } = pull.head;
  const fork = await world.git.mergeBase(repo, edit.base, sha);
  if (fork === null) return;
  const changed = await world.git.changedFiles(repo, fork, sha);
  for (const path of Object.keys(edit.files).filter((one) => changed.includes(one))) {
    const [forked, base, head] = await textsOf(world, repo, path, [fork, edit.base, sha]);
    if (base === null || head === null || base === undefined || head === undefined) continue;
    for (const found of suggestionsFor(base, edit.files[path] ?? base, head)) {
      // Lines are counted in the diff that people see: it begins where the branch left.
      const lines = forked === base ? found.lines : null;
      await once(world, pull, `${path}:${edit.files[path]}:${JSON.stringify(lines)}`, () =>
        tell(world, pull, { path, lines, ...about(drift, edit, path) }),
      );
    }
  }
};

const textsOf = (world: World, repo: string, path: string, commits: readonly string[]) =>
  Promise.all(
    commits.map(async (commit) => {
      const bytes = await world.git.readFile(repo, commit, path);
      return bytes && new TextDecoder().decode(bytes);
    }),
  );

const about = ({ number, url }: PullRequest, { formalized, edits = [] }: DriftCode, path: string) => ({
  drift: { number, url },
  findings: formalized.filter((place) =>
    edits.some((one) => one.file === path && one.address === place.address),
  ),
});

/** Remembered together with the head: a push makes it worth saying again where it still holds. */
const once = async (
  world: World,
  { repo, number, head }: PullRequest,
  what: string,
  say: () => Promise<void>,
): Promise<void> => {
  const key = `suggested:${repo}#${number}`;
  const known = await world.ledger.meta.get(key);
  const said =
    isJsonObject(known) && known["head"] === head.sha && Array.isArray(known["said"]) ? known["said"] : [];
  const mark = createHash("sha256").update(what).digest("hex");
  if (said.includes(mark)) return;
  await say();
  await world.ledger.meta.set(key, { head: head.sha, said: [...said, mark] });
};

const tell = async (
  world: World,
  pull: PullRequest,
  view: Parameters<typeof overlapText>[0] & Suggestion,
): Promise<void> => {
  const { path, lines } = view;
  const kind = `overlap:${path}:${lines?.from ?? 0}`;
  const marker = renderMarker({ kind, subject: `${pull.repo}#${pull.number}@${pull.head.sha}` }, world.key);
  const words = overlapText(view);
  // A mask must never become a value in somebody's code.
  const remark =
    lines && world.redactor.redact(lines.text) === lines.text ? suggestionRemark(lines.text) : null;
  const made =
    lines !== null &&
    remark !== null &&
    (await world.forge.suggest?.(pull, {
      ...{ head: pull.head.sha, path, from: lines.from, to: lines.to, remark },
      body: world.redactor.redact(`${words}\n${marker}`),
    }));
  if (!made)
    await world.forge.comment(pull, world.redactor.redact(`${words} ${overlapAdvice(path)}\n${marker}`));
};
