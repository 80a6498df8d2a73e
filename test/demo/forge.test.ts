import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { verify } from "@octokit/webhooks-methods";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type LocalForge, startForge } from "../../demo/forge/forge.ts";
import { githubEvent } from "../../src/entry/github-events.ts";
import type { ForgeEvent } from "../../src/model/forge-event.ts";

const run = promisify(execFile);
const SECRET = "a secret of the hook";

interface Received {
  readonly event: string;
  readonly guid: string;
  readonly signature: string;
  readonly body: string;
}

let dir: string;
let forge: LocalForge;
let receiver: Server;
let received: Received[] = [];
let answers: number[] = [];
let made = 0;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "plumbline-local-forge-"));
  forge = await startForge({ dir: join(dir, "forge") });
  for (const login of ["ada", "bob"]) forge.addUser(login, "write");
  forge.addUser("root", "admin");
  forge.addUser("eve", "read");
  receiver = createServer(async (request, response) => {
    let body = "";
    for await (const part of request) body += part;
    const header = (name: string) => String(request.headers[name] ?? "");
    const [event, guid] = [header("x-github-event"), header("x-github-delivery")];
    received.push({ event, guid, signature: header("x-hub-signature-256"), body });
    response.writeHead(answers.shift() ?? 202).end();
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  forge.addWebhook(`http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`, SECRET);
});
afterEach(async () => {
  forge.switches.reset();
  forge.releaseWebhooks();
  await forge.webhooksIdle();
  received = [];
  answers = [];
});
afterAll(async () => {
  await forge?.stop();
  await new Promise((resolve) => receiver.close(resolve));
  await rm(dir, { recursive: true, force: true });
});

const newRepo = async (): Promise<string> => {
  made += 1;
  const repo = `acme/infra-${made}`;
  await forge.createRepo(repo, { files: { "main.tf": "# one\n", "net/main.tf": "# net\n" } });
  return repo;
};

const newPull = async () => {
  const repo = await newRepo();
  const head = await forge.as("ada").pushFiles(repo, "topic", { "main.tf": "# two\n" });
  const number = await forge.as("ada").openPull(repo, { title: "Topic", head: "topic" });
  await forge.webhooksIdle();
  received = [];
  return { repo, number, head };
};

/** What Plumbline's own door makes of the deliveries; null where it asks nothing. */
const understood = async (): Promise<(ForgeEvent | null)[]> => {
  await forge.webhooksIdle();
  return received.map(({ event, body }) => githubEvent(event, JSON.parse(body)));
};

const git = async (cwd: string, ...args: readonly string[]): Promise<string> => {
  const isolated = { GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1", GIT_TERMINAL_PROMPT: "0" };
  const who = ["-c", "user.name=forged", "-c", "user.email=root@example.org"];
  const env = { ...process.env, ...isolated };
  return (await run("git", [...who, ...args], { cwd, env })).stdout.trim();
};

const remote = (repo: string, login: string): string =>
  `${forge.origin.replace("//", `//x-access-token:${forge.as(login).token}@`)}/${repo}.git`;

const clone = async (repo: string, login: string): Promise<string> => {
  const work = await mkdtemp(join(dir, "work-"));
  await git(work, "clone", "-q", remote(repo, login), ".");
  return work;
};

describe("git over HTTP", () => {
  test("a push moves the head of a pull request before git hears that it is done", async () => {
    const { repo, number } = await newPull();
    const work = await clone(repo, "ada");
    await git(work, "checkout", "-q", "topic");
    await writeFile(join(work, "main.tf"), "# three\n");
    await git(work, "commit", "-qam", "Three");
    await git(work, "push", "-q", "origin", "topic");
    const tip = await git(work, "rev-parse", "HEAD");
    expect(forge.pull(repo, number).pull.headSha).toBe(tip);
    expect(await git(work, "ls-remote", "origin", `refs/pull/${number}/head`)).toContain(tip);
    expect(await understood()).toContainEqual({
      type: "pull-changed",
      pull: { repo, number },
      head: tip,
      why: "pushed",
      sender: "ada",
    });
  });

  test("a large push comes through", async () => {
    const repo = await newRepo();
    const work = await clone(repo, "ada");
    await writeFile(
      join(work, "big.bin"),
      Buffer.from(Array.from({ length: 3_000_000 }, (_, i) => (i * i) % 251)),
    );
    await git(work, "add", ".");
    await git(work, "commit", "-qm", "Big");
    await git(work, "-c", "http.postBuffer=65536", "push", "-q", "origin", "HEAD:big");
    expect(await forge.branch(repo, "big")).toBe(await git(work, "rev-parse", "HEAD"));
  });

  test("the trial merge can be fetched, and any commit by its name", async () => {
    const { repo, number, head } = await newPull();
    const work = await clone(repo, "eve");
    await git(work, "fetch", "-q", "origin", `refs/pull/${number}/merge`);
    expect(await git(work, "rev-parse", "FETCH_HEAD^2")).toBe(head);
    await git(work, "fetch", "-q", "--depth=1", "origin", head);
    expect(await git(work, "rev-parse", "FETCH_HEAD")).toBe(head);
  });

  test("who may only read may not push, and a stranger may not clone", async () => {
    const repo = await newRepo();
    const work = await clone(repo, "eve");
    await expect(git(work, "push", "-q", "origin", "HEAD:refs/heads/evil")).rejects.toThrow(/403|denied/);
    await expect(git(work, "ls-remote", `${forge.origin}/${repo}.git`)).rejects.toThrow();
    expect(await forge.branch(repo, "evil")).toBeNull();
  });

  test("nobody pushes to the forge's own references", async () => {
    const { repo, number } = await newPull();
    const work = await clone(repo, "ada");
    await expect(git(work, "push", "-q", "origin", `main:refs/pull/${number}/head`)).rejects.toThrow();
  });

  test("a force push that takes the commit back is told as one, by its pusher", async () => {
    const { repo } = await newPull();
    await forge.as("bob").pushFiles(repo, "topic", { "main.tf": "# other\n" }, "Other", { force: true });
    await forge.webhooksIdle();
    const push = received.find(({ event }) => event === "push");
    expect(JSON.parse(push?.body ?? "{}")).toMatchObject({ forced: true, sender: { login: "bob" } });
  });
});

describe("webhooks", () => {
  test("each is signed with the secret, and has an id of its own", async () => {
    await newRepo();
    const { repo, number } = await newPull();
    await forge.as("ada").comment({ repo, number }, "plumbline plan");
    await forge.webhooksIdle();
    for (const { body, signature } of received) expect(await verify(SECRET, body, signature)).toBe(true);
    expect(new Set(received.map(({ guid }) => guid)).size).toBe(received.length);
  });

  test("what people do is told in events that Plumbline understands", async () => {
    const repo = await newRepo();
    await forge.webhooksIdle();
    received = [];
    const ada = forge.as("ada");
    const head = await ada.pushFiles(repo, "topic", { "main.tf": "# two\n" });
    const ref = { repo, number: await ada.openPull(repo, { title: "T", head: "topic", draft: true }) };
    await ada.setDraft(ref, false);
    const commentId = await ada.comment(ref, "plumbline plan");
    await forge.as("bob").review(ref, "approve");
    await ada.edit(ref, { body: "Why" });
    await ada.close(ref);
    await ada.reopen(ref);
    const merged = await forge.as("bob").merge(ref);
    const seen = await understood();
    const main = { type: "pushed", repo, branch: "main", sender: "bob", after: merged };
    expect(seen.filter((event) => event !== null)).toMatchObject([
      { type: "pushed", repo, branch: "topic", before: "0".repeat(40), after: head, sender: "ada" },
      { type: "pull-changed", pull: ref, head, why: "opened", sender: "ada" },
      { type: "pull-changed", why: "ready" },
      { type: "commented", commentId, body: "plumbline plan", sender: "ada", senderIsBot: false },
      { type: "reviewed", pull: ref, sender: "bob" },
      { type: "pull-changed", why: "edited" },
      { type: "pull-closed", merged: false, sender: "ada" },
      { type: "pull-changed", why: "reopened" },
      main,
      { type: "pull-closed", merged: true, sender: "bob" },
    ]);
  });

  test("a delivery that was lost can be sent again, with the same id and bytes", async () => {
    const { repo, number } = await newPull();
    forge.switches.webhooks = "drop";
    await forge.as("ada").comment({ repo, number }, "plumbline plan");
    await forge.webhooksIdle();
    expect(received).toEqual([]);
    forge.switches.webhooks = "on";
    const lost = forge.deliveries.at(-1);
    await forge.redeliver(lost?.id ?? 0);
    const again = await forge.redeliver(lost?.id ?? 0);
    expect(again.status).toBe(202);
    expect(received.map(({ guid, body }) => [guid, body])).toEqual([
      [lost?.guid, lost?.payload],
      [lost?.guid, lost?.payload],
    ]);
  });

  test("what the receiver answered is kept", async () => {
    const { repo, number } = await newPull();
    answers = [500];
    await forge.as("ada").comment({ repo, number }, "plumbline plan");
    await forge.webhooksIdle();
    expect(forge.deliveries.at(-1)?.status).toBe(500);
  });

  test("held deliveries come in order once they are let go", async () => {
    const { repo, number } = await newPull();
    forge.switches.webhooks = "hold";
    for (const body of ["one", "two", "three"]) await forge.as("ada").comment({ repo, number }, body);
    await forge.webhooksIdle();
    expect(received).toEqual([]);
    forge.releaseWebhooks();
    await forge.webhooksIdle();
    expect(received.map(({ body }) => JSON.parse(body).comment.body)).toEqual(["one", "two", "three"]);
  });
});

describe("pull requests", () => {
  test("a conflict takes the trial merge away, and a fixed one brings it back", async () => {
    const { repo, number } = await newPull();
    await forge.as("root").pushFiles(repo, "main", { "main.tf": "# other\n" });
    expect(forge.pull(repo, number).pull).toMatchObject({ mergeable: false, mergeCommit: null });
    await forge.as("ada").pushFiles(repo, "topic", { "main.tf": "# one\n" });
    expect(forge.pull(repo, number).pull.mergeable).toBe(true);
  });

  test("a branch that was deleted closes its pull request", async () => {
    const { repo, number } = await newPull();
    await forge.as("ada").deleteBranch(repo, "topic");
    expect(forge.pull(repo, number).state).toBe("closed");
  });

  test("a head that was pushed to the base counts as merged", async () => {
    const { repo, number, head } = await newPull();
    const work = await clone(repo, "root");
    await git(work, "push", "-q", "origin", `${head}:refs/heads/main`);
    expect(forge.pull(repo, number).pull).toMatchObject({
      merged: { by: { login: "root" } },
      mergeCommit: head,
    });
  });

  test("squash and rebase leave the base's history straight and its files right", async () => {
    for (const method of ["squash", "rebase"] as const) {
      const { repo, number } = await newPull();
      await forge.as("ada").pushFiles(repo, "topic", { "main.tf": "# three\n", "net/main.tf": null });
      await forge.as("root").pushFiles(repo, "main", { "other.tf": "# other\n" });
      const commit = await forge.as("root").merge({ repo, number }, method);
      expect(await forge.read(repo, "main", "main.tf")).toBe("# three\n");
      expect(await forge.read(repo, "main", "net/main.tf")).toBeNull();
      const work = await clone(repo, "root");
      expect(await git(work, "rev-list", "--count", "--merges", "HEAD")).toBe("0");
      expect(await git(work, "rev-list", "--count", "HEAD")).toBe(method === "squash" ? "3" : "4");
      expect(await git(work, "rev-parse", "HEAD")).toBe(commit);
    }
  });

  test("what the base needs is not merged past", async () => {
    const { repo, number, head } = await newPull();
    forge.protect(repo, "main", { contexts: ["plumbline/apply"], reviews: 1 });
    const merge = () => forge.as("root").merge({ repo, number });
    await expect(merge()).rejects.toThrow(/plumbline\/apply/);
    await forge.as("root").setStatus(repo, head, { context: "plumbline/apply", state: "success" });
    await expect(merge()).rejects.toThrow(/review/);
    await forge.as("bob").review({ repo, number }, "approve");
    expect(await merge()).toMatch(/^[0-9a-f]{40}$/);
  });

  test("a fork's push moves the head in the repository that it was forked from", async () => {
    const repo = await newRepo();
    const fork = await forge.as("eve").fork(repo);
    await forge.as("eve").pushFiles(fork, "theirs", { "main.tf": "# eve\n" });
    const number = await forge.as("eve").openPull(repo, { title: "Eve's", head: "eve:theirs" });
    const tip = await forge.as("eve").pushFiles(fork, "theirs", { "main.tf": "# eve again\n" });
    expect(forge.pull(repo, number).pull.headSha).toBe(tip);
    await expect(forge.as("eve").pushFiles(repo, "evil", { "a.tf": "" })).rejects.toThrow(/may not push/);
  });
});

describe("waiting", () => {
  test("what comes later is found when it comes", async () => {
    const { repo, number } = await newPull();
    const look = () => forge.comments(repo, number).find((one) => one.body.includes("Planned"));
    const waited = forge.waitFor("the plan's comment", look);
    await forge.as("bob").comment({ repo, number }, "Planned.");
    expect((await waited).author.login).toBe("bob");
  });

  test("what never comes is named", async () => {
    await expect(forge.waitFor("a miracle", () => false, 5)).rejects.toThrow(/5 ms in vain for a miracle/);
  });
});
