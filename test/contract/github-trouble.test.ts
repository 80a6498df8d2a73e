import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { createGithubForge } from "../../src/adapters/github.ts";
import { PlumblineError } from "../../src/model/errors.ts";
import type { PullRef } from "../../src/model/pull.ts";
import type { HarnessUser } from "./forge-harness.ts";
import { type GithubHarness, githubHarness, SILENT } from "./github-harness.ts";

// What GitHub does on a bad day, and what the adapter makes of it.

let harness: GithubHarness;
let repo: string;
let user: HarnessUser;
let ref: PullRef;
let head: string;
beforeAll(async () => {
  harness = await githubHarness();
  repo = await harness.createRepo({ "main.tf": "# nothing\n" });
  user = await harness.addUser(repo, "write");
  head = await user.push(repo, "topic", { "main.tf": "# more\n" });
  ref = { repo, number: await user.openPull(repo, { title: "Topic", head: "topic" }) };
});
afterEach(() => harness.local.switches.reset());
afterAll(async () => {
  await harness?.stop();
});

const caught = async (work: Promise<unknown>): Promise<PlumblineError> => {
  const thrown = await work.then(
    () => new Error("nothing was thrown"),
    (error: unknown) => error,
  );
  if (thrown instanceof PlumblineError) return thrown;
  throw thrown;
};

const fresh = async (branch: string): Promise<string> => {
  await user.push(repo, branch, { [`${branch}.tf`]: "# fresh\n" });
  return branch;
};

const asked = (pattern: RegExp, since: number): number =>
  harness.local.requests.slice(since).filter((entry) => pattern.test(`${entry.method} ${entry.path}`)).length;

describe("passing failures", () => {
  test.each([500, 502, 503] as const)("a %s is tried again", async (status) => {
    harness.local.switches.fail({ status, match: /pulls\/1$/, times: 2 });
    expect((await harness.forge.pull(ref)).number).toBe(ref.number);
  });

  test("a failure that stays is told as such, to be tried later", async () => {
    harness.local.switches.fail({ status: 502, match: /pulls\/1$/, times: 50 });
    const error = await caught(harness.forge.pull(ref));
    expect([error.code, error.kind.retry]).toEqual(["forge-unavailable", "later"]);
  });

  test("a forge that cuts connections is unavailable", async () => {
    harness.local.switches.down = true;
    expect((await caught(harness.forge.pull(ref))).code).toBe("forge-unavailable");
  });

  test("an answer that does not come is given up", async () => {
    harness.local.switches.slowMs = 400;
    const forge = harness.open({ timeoutMs: 20 });
    expect((await caught(forge.pull(ref))).code).toBe("forge-unavailable");
  });

  test("a token that may not read teams does not tell, which is no and no yes", async () => {
    harness.local.switches.fail({ status: 403, match: /teams/, times: 5 });
    expect(await harness.forge.teamMember?.(repo, "acme/dba", user.login)).toBeNull();
  });

  test("what is refused is not tried again", async () => {
    const before = harness.local.requests.length;
    await caught(harness.forge.pull({ repo, number: 999 }));
    expect(asked(/pulls\/999/, before)).toBe(1);
  });
});

describe("lost answers", () => {
  test("a comment whose answer was lost is found, not written twice", async () => {
    const before = (await harness.forge.comments(ref)).length;
    harness.local.switches.fail({ status: 502, match: /^POST .*\/comments$/, afterwards: true });
    const { id } = await harness.forge.comment(ref, "Planned.");
    const comments = await harness.forge.comments(ref);
    expect([comments.length, comments.at(-1)?.id]).toEqual([before + 1, id]);
  });

  test("a comment that never arrived is written by the second try", async () => {
    harness.local.switches.fail({ status: 502, match: /^POST .*\/comments$/ });
    const { id } = await harness.forge.comment(ref, "Arrived late.");
    expect((await harness.forge.comments(ref)).at(-1)).toMatchObject({ id, body: "Arrived late." });
  });

  test("the same words said by somebody else are not ours", async () => {
    const theirs = await user.comment(ref, "Same words.");
    harness.local.switches.fail({ status: 502, match: /^POST .*\/comments$/ });
    expect((await harness.forge.comment(ref, "Same words.")).id).not.toBe(theirs);
  });

  test("an issue whose answer was lost is there once", async () => {
    const marker = "<!-- m -->";
    harness.local.switches.fail({ status: 502, match: /^POST .*\/issues$/, afterwards: true });
    await harness.forge.upsertIssue(repo, marker, { title: "Drift", body: marker });
    expect(await harness.openIssues(repo)).toBe(1);
  });

  test("an issue of somebody else with our marker is left alone", async () => {
    const marker = "<!-- plumbline:other -->";
    const number = await harness.local.as(user.login).openIssue(repo, { title: "Fake", body: marker });
    const ours = await harness.forge.upsertIssue(repo, marker, { title: "Drift", body: marker });
    expect(ours.number).not.toBe(number);
  });

  test("a pull request whose answer was lost is there once", async () => {
    await user.push(repo, "lost", { "lost.tf": "# lost\n" });
    harness.local.switches.fail({ status: 502, match: /^POST .*\/pulls$/, afterwards: true });
    const words = { title: "Lost", body: "", head: "lost", base: "main" };
    const made = await harness.forge.createPull(repo, words);
    expect(harness.local.pulls(repo).filter(({ pull }) => pull.headRef === "lost")).toHaveLength(1);
    expect(made.title).toBe("Lost");
  });

  test("a merge whose answer was lost tells its commit", async () => {
    const tip = await user.push(repo, "merge-me", { "merge-me.tf": "# merge\n" });
    const number = await user.openPull(repo, { title: "Merge me", head: "merge-me" });
    harness.local.switches.fail({ status: 502, match: /^PUT .*\/merge$/, afterwards: true });
    const { commit } = await harness.forge.merge({ repo, number }, { method: "squash", head: tip });
    expect(commit).toBe(await harness.branch(repo, "main"));
  });
});

describe("merging beside others", () => {
  test("a base that moved in between is tried again", async () => {
    const tip = await user.push(repo, "beside", { "beside.tf": "# b\n" });
    const number = await user.openPull(repo, { title: "Beside", head: "beside" });
    const message = "Base branch was modified. Review and try the merge again.";
    harness.local.switches.fail({ status: 405, match: /^PUT .*\/merge$/, message });
    const { commit } = await harness.forge.merge({ repo, number }, { method: "merge", head: tip });
    expect(commit).toBe(await harness.branch(repo, "main"));
  });
});

describe("rate limits", () => {
  test("a secondary limit is waited out", async () => {
    harness.local.switches.secondaryLimit(2);
    await harness.forge.setStatus(repo, head, {
      context: "a",
      state: "success",
      description: "",
      targetUrl: null,
    });
    expect(await harness.forge.statuses(repo, head)).toHaveLength(1);
  });

  test("a limit that lasts longer than a worker should wait is told, not waited for", async () => {
    harness.local.switches.secondaryLimit(3600);
    const before = harness.local.requests.length;
    const error = await caught(harness.forge.comment(ref, "Too much."));
    expect([error.code, error.kind.retry, error.detail["retryAfterSeconds"]]).toEqual([
      "forge-rate-limited",
      "later",
      "3600",
    ]);
    expect(asked(/^POST/, before)).toBe(1);
  });

  test("an hourly limit is told apart from a refusal", async () => {
    const reset = String(Math.floor(Date.now() / 1000) + 3000);
    const headers = { "x-ratelimit-remaining": "0", "x-ratelimit-reset": reset };
    harness.local.switches.fail({ status: 403, headers, message: "API rate limit exceeded" });
    expect((await caught(harness.forge.pull(ref))).code).toBe("forge-rate-limited");
    harness.local.switches.fail({ status: 403, message: "Resource not accessible by integration" });
    expect((await caught(harness.forge.pull(ref))).code).toBe("forge-refused");
  });
});

describe("mergeability", () => {
  test("null while the forge computes it", async () => {
    harness.local.switches.mergeableUnknown = 1;
    expect(await harness.forge.mergeable(ref, [])).toBeNull();
  });

  test("a missing review blocks, and an approval that our own status still waits behind does not", async () => {
    const place = await harness.createRepo({ "a.tf": "" });
    const author = await harness.addUser(place, "write");
    await author.push(place, "topic", { "a.tf": "# a\n" });
    const number = await author.openPull(place, { title: "A", head: "topic" });
    const pull = { repo: place, number };
    harness.local.protect(place, "main", { contexts: ["plumbline/apply"], reviews: 1 });
    expect(await harness.forge.mergeable(pull, ["plumbline/"])).toBe(false);
    await (await harness.addUser(place, "write")).review(pull, "approve");
    expect(await harness.forge.mergeable(pull, ["plumbline/"])).toBe(true);
    expect(await harness.forge.mergeable(pull, [])).toBe(false);
  });

  test("servers and tokens without rules and check runs still tell", async () => {
    harness.local.protect(repo, "main", { contexts: ["plumbline/apply"] });
    harness.local.switches.fail({ status: 404, match: /rules\/branches/ });
    harness.local.switches.fail({ status: 403, match: /check-runs/, message: "Resource not accessible" });
    const number = await user.openPull(repo, { title: "Old", head: await fresh("old") });
    expect(await harness.forge.mergeable({ repo, number }, ["plumbline/"])).toBe(true);
    harness.local.protect(repo, "main", {});
  });

  test("a draft is not mergeable", async () => {
    await user.push(repo, "draft", { "draft.tf": "# d\n" });
    const number = await user.openPull(repo, { title: "Draft", head: "draft", draft: true });
    expect(await harness.forge.mergeable({ repo, number }, [])).toBe(false);
  });
});

describe("people", () => {
  test("the one who pushed is told, not the one who wrote the commit", async () => {
    const pusher = await harness.addUser(repo, "write");
    const tip = await pusher.push(repo, "pushed", { "pushed.tf": "# p\n" });
    expect(await harness.forge.lastPusher(repo, "pushed", tip)).toBe(pusher.login);
  });

  test("nobody is told where the forge has no such call", async () => {
    harness.local.switches.fail({ status: 404, match: /activity/ });
    expect(await harness.forge.lastPusher(repo, "topic", head)).toBeNull();
  });

  test("triage and maintain are told as such", async () => {
    harness.local.setPermission(repo, user.login, "triage");
    expect(await harness.forge.permission(repo, user.login)).toBe("triage");
    harness.local.setPermission(repo, user.login, "maintain");
    expect(await harness.forge.permission(repo, user.login)).toBe("maintain");
  });

  test("a pull request from a fork is told as one", async () => {
    const outsider = await harness.addUser(repo, "read");
    const fork = await harness.local.as(outsider.login).fork(repo);
    await outsider.push(fork, "theirs", { "theirs.tf": "# t\n" });
    const from = `${outsider.login}:theirs`;
    const number = await outsider.openPull(repo, { title: "From outside", head: from });
    expect(await harness.forge.pull({ repo, number })).toMatchObject({ fork: true, author: outsider.login });
    expect(await harness.forge.findPull(repo, "theirs")).toBeNull();
  });
});

describe("an app", () => {
  test("acts under its own name, and its installation is found by the repository", async () => {
    const { appId, privateKey } = harness.local.addApp("plumbline-app");
    const learnt: string[] = [];
    const forge = createGithubForge({
      apiUrl: harness.local.apiUrl,
      // As it stands in an environment variable.
      auth: { type: "app", appId, privateKey: privateKey.replaceAll("\n", "\\n"), installationId: null },
      log: SILENT,
      redactor: { redact: (text) => text, learn: (secret) => void learnt.push(secret) },
      secondMs: 1,
    });
    expect(await forge.identity()).toBe("plumbline-app[bot]");
    const { id } = await forge.comment(ref, "From the app.");
    const comment = (await forge.comments(ref)).find((one) => one.id === id);
    expect(comment).toMatchObject({ user: "plumbline-app[bot]", bot: true });
    const { password } = await forge.cloneAccess(repo);
    expect(learnt).toContain(password);
  });

  test("a key that cannot be read is a configuration problem", () => {
    const auth = { type: "app", appId: "1", privateKey: "no key", installationId: null } as const;
    const open = () => createGithubForge({ apiUrl: harness.local.apiUrl, auth, log: SILENT });
    expect(open).toThrow(expect.objectContaining({ code: "config-invalid" }));
  });
});

describe("addresses and secrets", () => {
  const token = "ghp_0123456789abcdefABCDEF";
  const open = (apiUrl: string) =>
    createGithubForge({ apiUrl, auth: { type: "token", token }, log: SILENT, secondMs: 1 });

  test.each([
    ["https://api.github.com", "https://github.com/acme/infra.git"],
    ["https://api.github.com/", "https://github.com/acme/infra.git"],
    ["https://github.acme.example/api/v3", "https://github.acme.example/acme/infra.git"],
    ["https://api.acme.ghe.com", "https://acme.ghe.com/acme/infra.git"],
  ])("the API at %s clones from %s", async (apiUrl, url) => {
    expect((await open(apiUrl).cloneAccess("acme/infra")).url).toBe(url);
  });

  test("a wrong token is a refusal that does not tell the token", async () => {
    const error = await caught(open(harness.local.apiUrl).defaultBranch(repo));
    expect(error.code).toBe("forge-refused");
    expect(JSON.stringify([error.message, error.detail, String(error.cause)])).not.toContain(token);
  });

  test.each(["acme", "acme/..", "acme/../secrets", "acme/a b", "../user"])(
    "%s asks nothing of the forge",
    async (name) => {
      const before = harness.local.requests.length;
      expect((await caught(harness.forge.defaultBranch(name))).code).toBe("forge-not-found");
      expect(harness.local.requests.length).toBe(before);
    },
  );
});
