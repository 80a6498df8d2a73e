import { describe, expect, test } from "vitest";
import { giteaEvent } from "../../src/entry/gitea-events.ts";
import { githubEvent } from "../../src/entry/github-events.ts";
import { gitlabEvent } from "../../src/entry/gitlab-events.ts";

const pull = { repo: "acme/infra", number: 7 };
const zero = "0".repeat(40);

describe("GitHub", () => {
  const repository = { full_name: "acme/infra" };
  const edit = (changes: object) =>
    githubEvent("pull_request", {
      action: "edited",
      number: 7,
      pull_request: { head: { sha: "c0ffee" } },
      changes,
      repository,
      sender: { login: "ada" },
    });

  test("a new body or base matters, a new title does not", () => {
    expect(edit({ body: { from: "old" } })).toMatchObject({ type: "pull-changed", why: "edited" });
    expect(edit({ base: { ref: { from: "main" } } })).toMatchObject({ why: "edited" });
    expect(edit({ title: { from: "old" } })).toBeNull();
  });

  test.each([
    [{ login: "renovate[bot]", type: "Bot" }, true],
    [{ login: "renovate[bot]" }, true],
    [{ login: "machine", type: "Bot" }, true],
    [{ login: "ada", type: "User" }, false],
  ])("a comment by %j is a bot's: %s", (sender, senderIsBot) => {
    const payload = {
      action: "created",
      issue: { number: 7, pull_request: {} },
      comment: { id: 1, body: "plumbline plan" },
      repository,
      sender,
    };
    expect(githubEvent("issue_comment", payload)).toMatchObject({ type: "commented", pull, senderIsBot });
  });

  test("pushes to branches with slashes count; tags and deletions do not", () => {
    const push = (ref: string, after = "c0ffee") =>
      githubEvent("push", { ref, before: zero, after, repository, sender: { login: "ada" } });
    expect(push("refs/heads/feature/x")).toMatchObject({ type: "pushed", branch: "feature/x" });
    expect(push("refs/tags/v1")).toBeNull();
    expect(push("refs/heads/gone", zero)).toBeNull();
    expect(push("refs/heads/gone", "0".repeat(64))).toBeNull();
  });

  test("a merge queue's commit, its base as a branch", () => {
    const payload = {
      action: "checks_requested",
      merge_group: {
        head_sha: "c0ffee",
        base_ref: "refs/heads/main",
        head_ref: "refs/heads/gh-readonly-queue/main/pr-7-abc",
      },
      repository,
    };
    expect(githubEvent("merge_group", payload)).toEqual({
      type: "merge-group",
      repo: "acme/infra",
      head: "c0ffee",
      base: "main",
      ref: "refs/heads/gh-readonly-queue/main/pr-7-abc",
    });
    expect(githubEvent("merge_group", { ...payload, action: "destroyed" })).toBeNull();
  });
});

describe("Gitea", () => {
  const send = (action: string, change: object = {}) =>
    giteaEvent("pull_request", {
      action,
      number: 7,
      pull_request: { head: { sha: "c0ffee" }, merged: false },
      repository: { full_name: "acme/infra" },
      sender: { id: 1, login: "ada" },
      ...change,
    });

  test.each([
    ["opened", {}, "opened"],
    ["synchronized", {}, "pushed"],
    ["reopened", {}, "reopened"],
    ["edited", { changes: { title: { from: "WIP: x" } } }, "ready"],
    ["edited", { changes: { title: { from: "[wip] x" } } }, "ready"],
    ["edited", { changes: { body: { from: "x" } } }, "edited"],
    ["edited", { changes: { ref: { from: "main" } } }, "edited"],
  ])("%s %j is %s", (action, change, why) => {
    expect(send(action, change)).toEqual({ type: "pull-changed", pull, head: "c0ffee", why, sender: "ada" });
  });

  test("a title that stays a draft, or a plain new title, asks nothing", () => {
    const draft = { pull_request: { head: { sha: "c0ffee" }, draft: true } };
    expect(send("edited", { ...draft, changes: { title: { from: "WIP: x" } } })).toBeNull();
    expect(send("edited", { changes: { title: { from: "x" } } })).toBeNull();
    expect(send("label_updated")).toBeNull();
  });

  test("closed with and without a merge", () => {
    expect(send("closed")).toMatchObject({ type: "pull-closed", merged: false });
    const merged = { pull_request: { head: { sha: "c0ffee" }, merged: true } };
    expect(send("closed", merged)).toMatchObject({ type: "pull-closed", merged: true });
  });

  test("comments on pull requests only; system users are bots", () => {
    const comment = (is_pull: boolean, sender: object) =>
      giteaEvent("issue_comment", {
        action: "created",
        is_pull,
        issue: { number: 7 },
        comment: { id: 3, body: "plumbline plan" },
        repository: { full_name: "acme/infra" },
        sender,
      });
    expect(comment(true, { id: 1, login: "ada" })).toMatchObject({
      type: "commented",
      pull,
      senderIsBot: false,
    });
    expect(comment(true, { id: -2, login: "gitea-actions" })).toMatchObject({ senderIsBot: true });
    expect(comment(false, { id: 1, login: "ada" })).toBeNull();
  });

  test.each(["pull_request_approved", "pull_request_rejected", "pull_request_comment"])("%s", (name) => {
    const payload = { action: "reviewed", number: 7, repository: { full_name: "acme/infra" } };
    expect(giteaEvent(name, payload)).toEqual({ type: "reviewed", pull, sender: "" });
  });
});

describe("GitLab", () => {
  const project = { path_with_namespace: "acme/infra" };
  const user = { username: "ada" };
  const send = (action: string, attributes: object = {}, changes: object = {}) =>
    gitlabEvent("Merge Request Hook", {
      object_attributes: { iid: 7, action, last_commit: { id: "c0ffee" }, ...attributes },
      changes,
      project,
      user,
    });

  test.each([
    ["open", {}, {}, "opened"],
    ["reopen", {}, {}, "reopened"],
    ["update", { oldrev: "beef" }, {}, "pushed"],
    ["update", {}, { draft: { previous: true, current: false } }, "ready"],
    ["update", {}, { description: { previous: "a", current: "b" } }, "edited"],
    ["update", {}, { target_branch: { previous: "a", current: "b" } }, "edited"],
  ])("%s %j %j is %s", (action, attributes, changes, why) => {
    const event = { type: "pull-changed", pull, head: "c0ffee", why, sender: "ada" };
    expect(send(action, attributes, changes)).toEqual(event);
  });

  test("merge, close and approval; labels ask nothing", () => {
    expect(send("merge")).toMatchObject({ type: "pull-closed", merged: true });
    expect(send("close")).toMatchObject({ type: "pull-closed", merged: false });
    expect(send("approved")).toMatchObject({ type: "reviewed" });
    expect(send("update", {}, { labels: {} })).toBeNull();
  });

  test("notes: new ones by people and bots, none of the system's own, no edits", () => {
    const note = (attributes: object, username = "ada") =>
      gitlabEvent("Note Hook", {
        object_attributes: {
          id: 3,
          note: "plumbline plan",
          noteable_type: "MergeRequest",
          ...attributes,
        },
        merge_request: { iid: 7 },
        project,
        user: { username },
      });
    expect(note({})).toMatchObject({ type: "commented", pull, commentId: 3, senderIsBot: false });
    expect(note({}, "project_12_bot_ab")).toMatchObject({ senderIsBot: true });
    expect(note({ system: true })).toBeNull();
    expect(note({ action: "update" })).toBeNull();
    expect(note({ noteable_type: "Issue" })).toBeNull();
  });
});
