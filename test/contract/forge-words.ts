import { expect, test } from "vitest";
import { codeOf, type PullScene, type Scene } from "./forge-scene.ts";

export const aboutComments = (pullScene: () => Promise<PullScene>): void => {
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

export const aboutSuggestions = (pullScene: () => Promise<PullScene>): void => {
  test("it remarks on a line of the head with a suggestion, once", async () => {
    const { harness, ref, head } = await pullScene();
    const remark = "Rather:\n\n```suggestion\n# live\n```";
    const review = { head, body: "Drift meets this.", path: "net/main.tf", from: 1, to: 1, remark };
    expect(await harness.forge.suggest?.(ref, review)).toBe(true);
    expect(await harness.forge.suggest?.(ref, review)).toBe(true);
    expect(await harness.remarks(ref)).toEqual([{ path: "net/main.tf", body: remark }]);
    const reviews = await harness.forge.reviews(ref);
    expect(reviews.map(({ user, state }) => [user, state])).toEqual([[harness.login, "commented"]]);
  });
};

export const aboutStatuses = (pullScene: () => Promise<PullScene>): void => {
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

export const aboutIssues = (scene: () => Promise<Scene>): void => {
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
