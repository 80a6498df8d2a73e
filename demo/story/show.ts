import { execa } from "execa";
import { REPO, type Stage } from "./stage.ts";

/** A pull request as people see it: its state, its statuses, and the words of its comments without what is folded. */
export const pullText = async (stage: Stage, number: number): Promise<readonly string[]> => {
  const thread = stage.forge.pull(REPO, number);
  const state = thread.pull.merged ? "merged" : thread.state;
  return [
    `#${number} ${thread.title} (${thread.author.login}, ${state})`,
    ...statusText(stage, thread.pull.headSha),
    ...stage.forge.comments(REPO, number).flatMap((comment) => said(comment.author.login, comment.body)),
  ];
};

/** The edit that a pull request holds, as `git diff` tells it. */
export const pullDiff = async (stage: Stage, number: number): Promise<readonly string[]> => {
  const { headSha, baseRef } = stage.forge.pull(REPO, number).pull;
  const range = `${baseRef}...${headSha}`;
  const { stdout } = await execa("git", ["--git-dir", stage.repository, "diff", "--unified=1", range]);
  return stdout
    .split("\n")
    .filter((line) => !/^(index|diff|---|@@)/.test(line))
    .map((line) => `  | ${line}`.trimEnd());
};

export const statusText = (stage: Stage, commit: string): readonly string[] =>
  stage.forge
    .statuses(REPO, commit)
    .toSorted((left, right) => (left.context < right.context ? -1 : 1))
    .map((status) => `  [${status.state}] ${status.context}: ${status.description ?? ""}`);

const said = (login: string, body: string): readonly string[] =>
  readable(body).map((line, index) => (index === 0 ? `  ${login}: ${line}` : `    ${line}`));

/** Hidden markers, folded parts and what differs from run to run are left out. */
const readable = (body: string): readonly string[] =>
  body
    .replaceAll(/<!--[\s\S]*?-->/g, "")
    .replaceAll(/<details>[\s\S]*?<\/details>/g, "")
    .split("\n")
    .map((line) => line.trimEnd())
    .filter((line) => line !== "" && !/^(---|Head `)/.test(line));
