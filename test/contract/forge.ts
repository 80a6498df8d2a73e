import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ForgeHarness } from "./forge-harness.ts";
import { aboutPeople } from "./forge-people.ts";
import { aboutMergeability, aboutMerging, aboutOwnPulls, aboutPulls } from "./forge-pulls.ts";
import { codeOf, type PullScene, type Scene } from "./forge-scene.ts";
import { aboutComments, aboutIssues, aboutStatuses, aboutSuggestions } from "./forge-words.ts";

const run = promisify(execFile);

/** What every adapter of the `Forge` port must do, told as behaviour; each test makes its own repository. */
export const forgeContract = (
  name: string,
  makeHarness: () => Promise<ForgeHarness>,
  options: { readonly timeoutMs?: number } = {},
): void => {
  describe(`forge contract: ${name}`, { timeout: options.timeoutMs ?? 120_000 }, () => {
    let harness: ForgeHarness;
    beforeAll(async () => {
      harness = await makeHarness();
    }, options.timeoutMs ?? 240_000);
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
    aboutSuggestions(pullScene);
    aboutStatuses(pullScene);
    aboutPeople(pullScene);
    aboutIssues(scene);
  });
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
