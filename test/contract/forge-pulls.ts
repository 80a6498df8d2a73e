import { expect, test } from "vitest";
import { codeOf, type PullScene, type Scene } from "./forge-scene.ts";

export const aboutPulls = (pullScene: () => Promise<PullScene>): void => {
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
      mergedAt: null,
      mergedBy: null,
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

export const aboutOwnPulls = (scene: () => Promise<Scene>): void => {
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

export const aboutMerging = (pullScene: () => Promise<PullScene>): void => {
  test.each(["merge", "squash", "rebase"] as const)(
    "it merges by %s and tells the commit",
    async (method) => {
      const { harness, repo, ref, head } = await pullScene();
      const before = Math.floor(Date.now() / 1000) * 1000;
      const { commit } = await harness.forge.merge(ref, { method, head });
      expect(await harness.branch(repo, "main")).toBe(commit);
      const merged = await harness.forge.pull(ref);
      expect(merged).toMatchObject({
        ...{ state: "merged", mergeCommit: commit, mergedBy: await harness.forge.identity() },
      });
      expect(merged.mergedAt?.getTime()).toBeGreaterThanOrEqual(before);
      expect(merged.mergedAt?.getTime()).toBeLessThanOrEqual(Date.now());
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

export const aboutMergeability = (pullScene: () => Promise<PullScene>): void => {
  const own = ["plumbline/"];
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
