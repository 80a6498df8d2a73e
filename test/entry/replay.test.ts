import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { githubEvent } from "../../src/entry/github-events.ts";
import { receiveWebhook } from "../../src/entry/webhook.ts";
import { githubDelivery, intake } from "./intake.ts";

const corpus = join(
  import.meta.dirname,
  "../../../shared/corpora/webhooks/octokit__webhooks/payload-examples/api.github.com",
);
const present = existsSync(corpus);
if (!present) console.warn("The recorded webhooks (../shared/corpora/webhooks) are absent: not replayed.");

/** What GitHub's recorded deliveries ask of us; what is not here asks nothing. */
const BY_ACTION: Readonly<Record<string, string>> = {
  "pull_request opened": "pull-changed opened",
  "pull_request synchronize": "pull-changed pushed",
  "pull_request reopened": "pull-changed reopened",
  "pull_request ready_for_review": "pull-changed ready",
  "pull_request closed": "pull-closed",
  "pull_request_review submitted": "reviewed",
  "pull_request_review dismissed": "reviewed",
  "check_suite rerequested": "status-requested",
};

/** The other recorded pushes delete a tag, the other re-runs name no pull request, all comments are on issues. */
const BY_FILE: Readonly<Record<string, string>> = {
  "push/with-new-branch.payload.json": "pushed",
  "push/with-no-username-committer.payload.json": "pushed",
};

interface Recorded {
  readonly file: string;
  readonly event: string;
  // biome-ignore lint/suspicious/noExplicitAny: recorded by somebody else, of any shape
  readonly payload: any;
}

const recorded: readonly Recorded[] = (present ? readdirSync(corpus, { recursive: true }) : [])
  .map(String)
  .filter((file) => file.endsWith(".json"))
  .map((file) => ({
    file,
    event: dirname(file),
    payload: JSON.parse(readFileSync(join(corpus, file), "utf8")),
  }));

const meaning = (event: string, payload: unknown): string => {
  const found = githubEvent(event, payload);
  if (found === null) return "nothing";
  return found.type === "pull-changed" ? `${found.type} ${found.why}` : found.type;
};

describe.skipIf(!present)("GitHub's recorded webhooks", () => {
  test("all of them are here", () => expect(recorded.length).toBe(72));

  test("each means what it should", () => {
    for (const { file, event, payload } of recorded) {
      const expected = BY_ACTION[`${event} ${payload.action}`] ?? BY_FILE[file] ?? "nothing";
      expect([file, meaning(event, payload)]).toEqual([file, expected]);
    }
  });

  test("each is answered with 202, and what it asks is queued once", async () => {
    const { world, followUps } = intake({ allowlist: ["*"] });
    for (const { file, event, payload } of recorded) {
      const request = githubDelivery(event, payload, { "x-github-delivery": file });
      for (const time of ["first", "again"])
        expect([file, time, (await receiveWebhook(world, request)).status]).toEqual([file, time, 202]);
    }
    const asking = recorded.filter(({ event, payload }) => meaning(event, payload) !== "nothing");
    expect(followUps).toHaveLength(asking.length);
  });

  test("a pull request's facts are taken over whole", () => {
    const { payload } = find("pull_request/synchronize.payload.json");
    expect(githubEvent("pull_request", payload)).toEqual({
      type: "pull-changed",
      pull: { repo: payload.repository.full_name, number: payload.number },
      head: payload.after,
      why: "pushed",
      sender: payload.sender.login,
    });
  });

  test("a comment counts once its issue is a pull request, and only when it is new", () => {
    const on = (file: string) => {
      const { payload } = find(file);
      return githubEvent("issue_comment", { ...payload, issue: { ...payload.issue, pull_request: {} } });
    };
    const { payload } = find("issue_comment/created.payload.json");
    expect(on("issue_comment/created.payload.json")).toEqual({
      type: "commented",
      pull: { repo: payload.repository.full_name, number: payload.issue.number },
      commentId: payload.comment.id,
      body: payload.comment.body,
      sender: payload.sender.login,
      senderIsBot: false,
    });
    expect(on("issue_comment/edited.payload.json")).toBeNull();
    expect(on("issue_comment/deleted.payload.json")).toBeNull();
  });

  test("with any one field gone, nothing is thrown", () => {
    for (const { event, payload } of recorded)
      for (const damaged of damages(payload)) expect(() => githubEvent(event, damaged)).not.toThrow();
  });
});

const find = (file: string): Recorded => {
  const found = recorded.find((entry) => entry.file === file);
  if (!found) throw new Error(`${file} is not among the recorded webhooks`);
  return found;
};

/** The payload without one field, or with null in its place, for each field of the two upper levels. */
function* damages(payload: Record<string, unknown>): Generator<unknown> {
  for (const [key, value] of Object.entries(payload)) {
    const { [key]: _gone, ...rest } = payload;
    yield rest;
    yield { ...payload, [key]: null };
    if (typeof value !== "object" || value === null) continue;
    for (const inner of Object.keys(value)) yield { ...payload, [key]: { ...value, [inner]: null } };
  }
}
