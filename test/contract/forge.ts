import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PlumblineError } from "../../src/model/errors.ts";
import type { PullRef } from "../../src/model/pull.ts";
import type { ForgeHarness, HarnessUser } from "./forge-harness.ts";

const run = promisify(execFile);

interface Scene {
  readonly harness: ForgeHarness;
  readonly repo: string;
  readonly user: HarnessUser;
}

interface PullScene extends Scene {
  readonly ref: PullRef;
  readonly head: string;
}

/** What every adapter of the `Forge` port must do, told as behaviour; each test makes its own repository. */
export const forgeContract = (
  name: string,
  makeHarness: () => Promise<ForgeHarness>,
  options: { readonly timeoutMs?: number } = {},
): void => {
  describe(`forge contract: ${name}`, { timeout: options.timeoutMs ?? 30_000 }, () => {
    let harness: ForgeHarness;
    beforeAll(async () => {
      harness = await makeHarness();
    }, options.timeoutMs ?? 60_000);
    afterAll(async () => {
      await harness?.stop();
    });
    const scene = async (): Promise<Scene> => {
      const repo = await harness.createRepo({ "README.md": "hello\n", "net/main.tf": "# nothing yet\n" });
      return { harness, repo, user: await harness.addUser(repo, "write") };
    };
    const pullScene = async (body = "Why: because."): Promise<PullScene> => {
      const { repo, user } = await scene();
      const head = await user.push(repo, "topic", { "net/main.tf": "# something\n" });
      const number = await user.openPull(repo, { title: "Change the net", body, head: "topic" });
      const ref = { repo, number };
      await harness.settled(ref);
      return { harness, repo, user, ref, head };
    };
    aboutRepositories(() => harness, scene);
    aboutPulls(pullScene);
    aboutOwnPulls(scene);
    aboutMerging(pullScene);
    aboutMergeability(pullScene);
    aboutComments(pullScene);
    aboutStatuses(pullScene);
    aboutPeople(pullScene);
    aboutIssues(scene);
  });
};

const codeOf = async (work: Promise<unknown>): Promise<string> => {
  const thrown = await work.then(
    () => "nothing was thrown",
    (error: unknown) => error,
  );
  return thrown instanceof PlumblineError ? thrown.code : `not a PlumblineError: ${String(thrown)}`;
};

const aboutRepositories = (harness: () => ForgeHarness, scene: () => Promise<Scene>): void => {
  test("it knows its own login", async () => {
    expect(await harness().forge.identity()).toBe(harness().login);
  });

  test("it tells the default branch", async () => {
    const { repo } = await scene();
    expect(await harness().forge.defaultBranch(repo)).toBe("main");
  });

  test("a repository that is not there is not found, and the error says so", async () => {
    expect(await codeOf(harness().forge.defaultBranch("nobody/nothing"))).toBe("forge-not-found");
  });

  test("git clones with the access that it hands out, and the address holds no credentials", async () => {
    const { repo } = await scene();
    const { url, username, password } = await harness().forge.cloneAccess(repo);
    expect(url).not.toContain(password);
    const authorization = Buffer.from(`${username}:${password}`).toString("base64");
    const { stdout } = await run("git", [
      ...["-c", `http.extraHeader=Authorization: Basic ${authorization}`],
      ...["ls-remote", url, "refs/heads/main"],
    ]);
    expect(stdout.split("\t")[0]).toBe(await harness().branch(repo, "main"));
  });

  test("the address of a file at a commit names both", async () => {
    const { repo } = await scene();
    const url = new URL(harness().forge.compareUrl(repo, "net/main.tf", "a".repeat(40)));
    expect(url.pathname).toContain(`/${repo}/`);
    expect(url.pathname).toContain("a".repeat(40));
    expect(url.pathname).toContain("net/main.tf");
  });
};

const aboutPulls = (pullScene: () => Promise<PullScene>): void => {
  test("a pull request is told in full", async () => {
    const { harness, ref, head, user } = await pullScene();
    expect(await harness.forge.pull(ref)).toMatchObject({
      ...ref,
      title: "Change the net",
      body: "Why: because.",
      state: "open",
      draft: false,
      fork: false,
      author: user.login,
      head: { ref: "topic", sha: head },
      base: { ref: "main" },
      mergeCommit: null,
      labels: [],
    });
  });

  test("a draft is told as one", async () => {
    const { harness, repo, user } = await pullScene();
    await user.push(repo, "draft", { "a.txt": "a\n" });
    const number = await user.openPull(repo, { title: "Not yet", head: "draft", draft: true });
    expect((await harness.forge.pull({ repo, number })).draft).toBe(true);
  });

  test("a push moves the head", async () => {
    const { harness, repo, user, ref } = await pullScene();
    const head = await user.push(repo, "topic", { "net/main.tf": "# more\n" });
    await harness.settled(ref);
    expect((await harness.forge.pull(ref)).head.sha).toBe(head);
  });

  test("a pull request that is not there is not found", async () => {
    const { harness, repo } = await pullScene();
    expect(await codeOf(harness.forge.pull({ repo, number: 4711 }))).toBe("forge-not-found");
  });

  test("open ones are listed, closed ones are not", async () => {
    const { harness, repo, user, ref } = await pullScene();
    await user.push(repo, "other", { "a.txt": "a\n" });
    const other = await user.openPull(repo, { title: "Other", head: "other" });
    await user.close(ref);
    expect((await harness.forge.openPulls(repo)).map((pull) => pull.number)).toEqual([other]);
  });

  test("closed ones are listed from a time on", async () => {
    const { harness, repo, user, ref } = await pullScene();
    await user.close(ref);
    const hourAgo = new Date(Date.now() - 3_600_000);
    const closed = await harness.forge.closedPulls(repo, hourAgo);
    expect(closed.map((pull) => [pull.number, pull.state])).toEqual([[ref.number, "closed"]]);
    const inAnHour = new Date(Date.now() + 3_600_000);
    expect(await harness.forge.closedPulls(repo, inAnHour)).toEqual([]);
  });
};

const aboutOwnPulls = (scene: () => Promise<Scene>): void => {
  const branch = "plumbline/drift/net";
  const words = { title: "Drift in net", body: "Marker.", head: branch, base: "main" };

  test("it opens a pull request and finds it again by its branch", async () => {
    const { harness, repo, user } = await scene();
    expect(await harness.forge.findPull(repo, branch)).toBeNull();
    await user.push(repo, branch, { "net/main.tf": "# drifted\n" });
    const made = await harness.forge.createPull(repo, words);
    expect(made).toMatchObject({ title: words.title, body: words.body, author: harness.login });
    expect((await harness.forge.findPull(repo, branch))?.number).toBe(made.number);
  });

  test("opening the same one twice leaves one", async () => {
    const { harness, repo, user } = await scene();
    await user.push(repo, branch, { "net/main.tf": "# drifted\n" });
    const first = await harness.forge.createPull(repo, words);
    const second = await harness.forge.createPull(repo, words);
    expect(second.number).toBe(first.number);
    expect(await harness.forge.openPulls(repo)).toHaveLength(1);
  });

  test("it updates words and closes, and a closed one is found no more", async () => {
    const { harness, repo, user } = await scene();
    await user.push(repo, branch, { "net/main.tf": "# drifted\n" });
    const made = await harness.forge.createPull(repo, words);
    await harness.forge.updatePull(made, { title: "Drift in net, again", body: "New." });
    expect(await harness.forge.pull(made)).toMatchObject({ title: "Drift in net, again", body: "New." });
    await harness.forge.updatePull(made, { state: "closed" });
    await harness.forge.updatePull(made, { state: "closed" });
    expect((await harness.forge.pull(made)).state).toBe("closed");
    expect(await harness.forge.findPull(repo, branch)).toBeNull();
  });
};

const aboutMerging = (pullScene: () => Promise<PullScene>): void => {
  test.each(["merge", "squash", "rebase"] as const)(
    "it merges by %s and tells the commit",
    async (method) => {
      const { harness, repo, ref, head } = await pullScene();
      const { commit } = await harness.forge.merge(ref, { method, head });
      expect(await harness.branch(repo, "main")).toBe(commit);
      expect(await harness.forge.pull(ref)).toMatchObject({ state: "merged", mergeCommit: commit });
    },
  );

  test("it does not merge a head that moved on", async () => {
    const { harness, repo, user, ref, head } = await pullScene();
    await user.push(repo, "topic", { "net/main.tf": "# sneaked in\n" });
    await harness.settled(ref);
    expect(await codeOf(harness.forge.merge(ref, { method: "merge", head }))).toBe("forge-conflict");
    expect((await harness.forge.pull(ref)).state).toBe("open");
  });

  test("it does not merge a conflict", async () => {
    const { harness, repo, user, ref, head } = await pullScene();
    await user.push(repo, "main", { "net/main.tf": "# on the other side\n" });
    await harness.settled(ref);
    expect(await codeOf(harness.forge.merge(ref, { method: "merge", head }))).toBe("forge-conflict");
    expect((await harness.forge.pull(ref)).state).toBe("open");
  });

  test("merging what this head already merged tells the same commit", async () => {
    const { harness, ref, head } = await pullScene();
    const first = await harness.forge.merge(ref, { method: "merge", head });
    expect(await harness.forge.merge(ref, { method: "merge", head })).toEqual(first);
  });
};

const aboutMergeability = (pullScene: () => Promise<PullScene>): void => {
  const own = ["plumbline/plan", "plumbline/apply"];
  const status = { state: "success", description: "fine", targetUrl: null } as const;

  test("a clean pull request is mergeable, a conflicting one is not", async () => {
    const { harness, repo, user, ref } = await pullScene();
    expect(await harness.forge.mergeable(ref, own)).toBe(true);
    await user.push(repo, "main", { "net/main.tf": "# on the other side\n" });
    await harness.settled(ref);
    expect(await harness.forge.mergeable(ref, own)).toBe(false);
  });

  test("what waits for our own status alone is mergeable", async () => {
    const { harness, repo, ref, head } = await pullScene();
    await harness.requireStatuses(repo, ["plumbline/apply"]);
    await harness.forge.setStatus(repo, head, { ...status, context: "plumbline/apply", state: "pending" });
    await harness.settled(ref);
    expect(await harness.forge.mergeable(ref, own)).toBe(true);
  });

  test("what waits for somebody else's status is not, until it comes", async () => {
    const { harness, repo, ref, head } = await pullScene();
    await harness.requireStatuses(repo, ["plumbline/apply", "ci/lint"]);
    await harness.forge.setStatus(repo, head, { ...status, context: "ci/lint", state: "pending" });
    await harness.settled(ref);
    expect(await harness.forge.mergeable(ref, own)).toBe(false);
    await harness.forge.setStatus(repo, head, { ...status, context: "ci/lint" });
    await harness.settled(ref);
    expect(await harness.forge.mergeable(ref, own)).toBe(true);
  });
};

const aboutComments = (pullScene: () => Promise<PullScene>): void => {
  test("it writes, lists, updates and deletes comments", async () => {
    const { harness, ref, user } = await pullScene();
    const theirs = await user.comment(ref, "plumbline plan");
    const { id } = await harness.forge.comment(ref, "Planned: **1 to add** & <b>none</b>");
    await harness.forge.updateComment(ref, id, "Planned again ✓");
    const comments = await harness.forge.comments(ref);
    expect(comments.map((comment) => [comment.id, comment.user, comment.body])).toEqual([
      [theirs, user.login, "plumbline plan"],
      [id, harness.login, "Planned again ✓"],
    ]);
    await harness.forge.deleteComment(ref, id);
    await harness.forge.deleteComment(ref, id);
    expect((await harness.forge.comments(ref)).map((comment) => comment.id)).toEqual([theirs]);
  });

  test("a comment that somebody deleted is not found when it is to be updated", async () => {
    const { harness, ref } = await pullScene();
    const { id } = await harness.forge.comment(ref, "gone soon");
    await harness.forge.deleteComment(ref, id);
    expect(await codeOf(harness.forge.updateComment(ref, id, "back"))).toBe("forge-not-found");
  });

  test("comments from a time on", async () => {
    const { harness, ref, user } = await pullScene();
    await user.comment(ref, "plumbline help");
    expect(await harness.forge.comments(ref, new Date(Date.now() + 3_600_000))).toEqual([]);
    expect(await harness.forge.comments(ref, new Date(Date.now() - 3_600_000))).toHaveLength(1);
  });

  test("more comments than one page holds all come, oldest first", async () => {
    const { harness, ref, user } = await pullScene();
    for (let index = 0; index < 120; index += 1) await user.comment(ref, `note ${index}`);
    const bodies = (await harness.forge.comments(ref)).map((comment) => comment.body);
    expect(bodies).toEqual(Array.from({ length: 120 }, (_, index) => `note ${index}`));
  });

  test("a comment as long as the limit fits", async () => {
    const { harness, ref } = await pullScene();
    const body = "x".repeat(harness.forge.limits.commentLength);
    await harness.forge.comment(ref, body);
    expect((await harness.forge.comments(ref))[0]?.body).toBe(body);
  });

  test.each(["eyes", "+1", "-1", "confused"] as const)("it reacts with %s, once", async (reaction) => {
    const { harness, ref, user } = await pullScene();
    const id = await user.comment(ref, "plumbline plan");
    await harness.forge.react(ref, id, reaction);
    await harness.forge.react(ref, id, reaction);
    expect(await harness.reactions(ref, id)).toEqual([reaction]);
  });
};

const aboutStatuses = (pullScene: () => Promise<PullScene>): void => {
  const status = { context: "plumbline/plan: net", description: "1 to add", targetUrl: null } as const;

  test("the newest status of each context counts", async () => {
    const { harness, repo, head } = await pullScene();
    const { forge } = harness;
    await forge.setStatus(repo, head, { ...status, state: "pending" });
    await forge.setStatus(repo, head, {
      ...status,
      state: "success",
      targetUrl: "https://example.org/runs/1",
    });
    await forge.setStatus(repo, head, { ...status, context: "plumbline/apply", state: "error" });
    const statuses = await forge.statuses(repo, head);
    expect([...statuses].sort((left, right) => (left.context < right.context ? -1 : 1))).toEqual([
      { ...status, context: "plumbline/apply", state: "error" },
      { ...status, state: "success", targetUrl: "https://example.org/runs/1" },
    ]);
  });

  test("more contexts than one page holds", async () => {
    const { harness, repo, head } = await pullScene();
    for (let index = 0; index < 35; index += 1)
      await harness.forge.setStatus(repo, head, { ...status, context: `ctx-${index}`, state: "success" });
    expect(await harness.forge.statuses(repo, head)).toHaveLength(35);
  });

  test("a description is cut at 140 characters, not in the middle of one", async () => {
    const { harness, repo, head } = await pullScene();
    const description = `${"ä".repeat(138)}👍👍`;
    await harness.forge.setStatus(repo, head, { ...status, state: "failure", description });
    const told = (await harness.forge.statuses(repo, head))[0]?.description ?? "";
    expect(told.length).toBeLessThanOrEqual(140);
    expect(told.startsWith("ä".repeat(130))).toBe(true);
    expect(told.isWellFormed()).toBe(true);
  });

  test("a commit without a status has none", async () => {
    const { harness, repo, head } = await pullScene();
    expect(await harness.forge.statuses(repo, head)).toEqual([]);
  });
};

const aboutPeople = (pullScene: () => Promise<PullScene>): void => {
  test("reviews come with the commit that was looked at", async () => {
    const { harness, repo, ref, head } = await pullScene();
    const reviewer = await harness.addUser(repo, "write");
    await reviewer.review(ref, "approve");
    const reviews = await harness.forge.reviews(ref);
    expect(reviews.map((review) => [review.user, review.state, review.commit])).toEqual([
      [reviewer.login, "approved", head],
    ]);
  });

  test("a later review comes after an earlier one", async () => {
    const { harness, repo, ref } = await pullScene();
    const reviewer = await harness.addUser(repo, "write");
    await reviewer.review(ref, "approve");
    await reviewer.review(ref, "request-changes");
    const reviews = await harness.forge.reviews(ref);
    expect(reviews.at(-1)).toMatchObject({ user: reviewer.login, state: "changes_requested" });
  });

  test.each(["read", "write", "admin"] as const)(
    "somebody with %s has that permission",
    async (permission) => {
      const { harness, repo } = await pullScene();
      const user = await harness.addUser(repo, permission);
      expect(await harness.forge.permission(repo, user.login)).toBe(permission);
    },
  );

  test("a login that nobody has permits nothing but what everybody may", async () => {
    const { harness, repo } = await pullScene();
    expect(["none", "read"]).toContain(await harness.forge.permission(repo, "nobody-of-that-name"));
  });

  test("the last pusher is who pushed last, or nobody where the forge doesn't tell", async () => {
    const { harness, repo, ref, head, user } = await pullScene();
    expect([user.login, null]).toContain(await harness.forge.lastPusher(repo, "topic", head));
    const second = await harness.addUser(repo, "write");
    const moved = await second.push(repo, "topic", { "net/main.tf": "# second\n" });
    await harness.settled(ref);
    expect([second.login, null]).toContain(await harness.forge.lastPusher(repo, "topic", moved));
  });

  test("nobody is told for a head that is not the branch's", async () => {
    const { harness, repo } = await pullScene();
    expect(await harness.forge.lastPusher(repo, "topic", "b".repeat(40))).toBeNull();
  });
};

const aboutIssues = (scene: () => Promise<Scene>): void => {
  const marker = "<!-- plumbline:dashboard -->";

  test("the dashboard issue is made once, updated, closed, and made again", async () => {
    const { harness, repo } = await scene();
    const { forge } = harness;
    const first = await forge.upsertIssue(repo, marker, { title: "Drift", body: `${marker}\n3 waiting` });
    const second = await forge.upsertIssue(repo, marker, { title: "Drift", body: `${marker}\n4 waiting` });
    expect(second.number).toBe(first.number);
    expect(await harness.openIssues(repo)).toBe(1);
    await forge.closeIssue(repo, marker, "Nothing waits.");
    await forge.closeIssue(repo, marker, "Nothing waits.");
    expect(await harness.openIssues(repo)).toBe(0);
    const third = await forge.upsertIssue(repo, marker, { title: "Drift", body: `${marker}\n1 waiting` });
    expect(third.number).not.toBe(first.number);
  });
};
