import { expect, test } from "vitest";
import type { PullScene } from "./forge-scene.ts";

export const aboutPeople = (pullScene: () => Promise<PullScene>): void => {
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

  test("members of a team are told from others, whatever case their names have", async () => {
    const { harness, repo, user } = await pullScene();
    if (!harness.setTeam) return;
    const other = await harness.addUser(repo, "write");
    await harness.setTeam("acme/dba", [user.login]);
    const belongs = (team: string, login: string) => harness.forge.teamMember?.(repo, team, login);
    expect(await belongs("acme/dba", user.login)).toBe(true);
    expect(await belongs("Acme/DBA", user.login.toUpperCase())).toBe(true);
    expect(await belongs("acme/dba", other.login)).toBe(false);
    expect(await belongs("acme/none", user.login)).toBe(false);
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
