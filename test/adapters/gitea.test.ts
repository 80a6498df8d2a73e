import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { createGiteaForge } from "../../src/adapters/gitea.ts";
import { PlumblineError } from "../../src/model/errors.ts";
import type { Log } from "../../src/ports/log.ts";

// What a real Gitea does not do on demand; the rest of the adapter is held to the forge contract on a real one.

const TOKEN = "0123456789abcdef-secret";
const ref = { repo: "acme/infra", number: 7 };

type Reply = readonly [status: number, body: unknown, headers?: Record<string, string>];
/** A reply, or null: the connection breaks. */
type Script = (method: string, path: string, body: string) => Reply | null;

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** The adapter before a server that answers by script; waits end at once and are written down. */
const against = async (script: Script) => {
  const calls: string[] = [];
  const waits: number[] = [];
  const server = createServer((request, response) => void reply(script, calls, request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const clock = {
    now: () => new Date("2026-01-01T00:00:00Z"),
    wait: async (ms: number) => void waits.push(ms),
  };
  const logged: unknown[] = [];
  const note = (text: string, fields?: object) => void logged.push({ text, fields });
  const log: Log = { debug: note, info: note, warn: note, error: note, child: () => log };
  return {
    forge: createGiteaForge({ apiUrl: `${url}/api/v1/`, token: TOKEN, log, clock }),
    calls,
    waits,
    url,
    logged,
  };
};

const reply = async (
  script: Script,
  calls: string[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const body = await new Response(request as unknown as ReadableStream).text();
  const path = (request.url ?? "").replace("/api/v1", "");
  calls.push(`${request.method} ${path}`);
  const answer = script(request.method ?? "", path, body);
  if (answer === null) return void request.socket.destroy();
  const [status, value, headers = {}] = answer;
  response.writeHead(status, headers);
  response.end(typeof value === "string" ? value : JSON.stringify(value));
};

const thrownBy = async (work: Promise<unknown>): Promise<PlumblineError> => {
  const thrown: unknown = await work.then(
    () => new Error("nothing was thrown"),
    (error: unknown) => error,
  );
  if (thrown instanceof PlumblineError) return thrown;
  throw thrown;
};

/** Replies one after another; the last one stays. */
const inTurn = (...replies: readonly (Reply | null)[]): Script => {
  let at = 0;
  return () => {
    const answer = replies[Math.min(at, replies.length - 1)];
    at += 1;
    return answer ?? null;
  };
};

const repository: Reply = [200, { default_branch: "main" }];

describe("trouble that passes", () => {
  test.each([500, 502, 503, 504])("%i is asked again, each time after a longer wait", async (status) => {
    const { forge, waits } = await against(inTurn([status, "<html>"], [status, "<html>"], repository));
    expect(await forge.defaultBranch("acme/infra")).toBe("main");
    expect(waits).toEqual([500, 1000]);
  });

  test("a broken connection is, too", async () => {
    const { forge, waits } = await against(inTurn(null, repository));
    expect(await forge.defaultBranch("acme/infra")).toBe("main");
    expect(waits).toHaveLength(1);
  });

  test("a rate limit is waited out as long as the forge asks", async () => {
    const { forge, waits } = await against(
      inTurn(
        [429, {}, { "retry-after": "7" }],
        [429, {}, { "retry-after": "Thu, 01 Jan 2026 00:01:00 GMT" }],
        repository,
      ),
    );
    expect(await forge.defaultBranch("acme/infra")).toBe("main");
    expect(waits).toEqual([7000, 60_000]);
  });

  test("a rate limit of an hour is told at once instead", async () => {
    const { forge, waits } = await against(inTurn([429, {}, { "retry-after": "3600" }]));
    expect((await thrownBy(forge.defaultBranch("acme/infra"))).code).toBe("forge-rate-limited");
    expect(waits).toEqual([]);
  });

  test("after four tries it is unavailable", async () => {
    const { forge, calls } = await against(inTurn([502, "Bad gateway"]));
    expect((await thrownBy(forge.defaultBranch("acme/infra"))).code).toBe("forge-unavailable");
    expect(calls).toHaveLength(4);
  });

  test("a login that could not be read is asked for again later", async () => {
    const down: Reply = [500, {}];
    const { forge } = await against(inTurn(down, down, down, down, [200, { login: "plumbline" }]));
    expect((await thrownBy(forge.identity())).code).toBe("forge-unavailable");
    expect(await forge.identity()).toBe("plumbline");
  });
});

describe("answers that stay", () => {
  test.each([
    [400, "forge-refused"],
    [401, "forge-refused"],
    [403, "forge-refused"],
    [404, "forge-not-found"],
    [409, "forge-conflict"],
    [412, "forge-conflict"],
    [422, "forge-refused"],
  ])("%i is %s, asked once, with Gitea's own words", async (status, code) => {
    const { forge, calls } = await against(inTurn([status, { message: "token lacks scope\nmore" }]));
    const error = await thrownBy(forge.defaultBranch("acme/infra"));
    expect([error.code, calls.length]).toEqual([code, 1]);
    expect(error.message).toContain("acme/infra");
    expect(error.message).toContain("It says: token lacks scope");
  });

  test("another site at the address is unavailable, not a crash", async () => {
    const { forge } = await against(inTurn([200, "<html>Welcome</html>"]));
    expect((await thrownBy(forge.pull(ref))).code).toBe("forge-unavailable");
  });

  test("the token is in no error and no log", async () => {
    const { forge, logged } = await against(inTurn([500, { message: "boom" }]));
    const error = await thrownBy(forge.defaultBranch("acme/infra"));
    const everything = JSON.stringify([error.message, error.detail, error.hint, logged]);
    expect(everything).not.toContain(TOKEN);
    expect(logged).toHaveLength(3);
  });

  test.each(["acme/../admin", "../users", "acme", "acme/infra/x", "a b/c", "acme/.."])(
    "%s is no repository and asks nothing",
    async (repo) => {
      const { forge, calls } = await against(inTurn(repository));
      expect((await thrownBy(forge.defaultBranch(repo))).code).toBe("forge-not-found");
      expect(calls).toEqual([]);
    },
  );
});

describe("what must not be done twice", () => {
  test("a comment whose answer was lost is found instead of written again", async () => {
    const written: string[] = [];
    const { forge, calls } = await against((method, path, body) => {
      if (path === "/user") return [200, { login: "plumbline" }];
      if (method === "POST") {
        written.push(JSON.parse(body).body);
        return null;
      }
      const at = "2026-01-01T00:00:00Z";
      const comment = (id: number, login: string) => ({
        ...{ id, body: written[0] ?? "", created_at: at, updated_at: at },
        user: { id: 1, login },
      });
      return [200, [comment(10, "somebody"), comment(11, "plumbline")], { "x-total-count": "2" }];
    });
    expect(await forge.comment(ref, "Planned.")).toEqual({ id: 11 });
    expect(calls.filter((call) => call.startsWith("POST"))).toHaveLength(1);
  });

  test("a comment that never arrived is written again", async () => {
    let posts = 0;
    const { forge } = await against((method, path) => {
      if (path === "/user") return [200, { login: "plumbline" }];
      if (method === "GET") return [200, []];
      posts += 1;
      return posts === 1 ? [502, "Bad gateway"] : [201, { id: 12 }];
    });
    expect(await forge.comment(ref, "Planned.")).toEqual({ id: 12 });
    expect(posts).toBe(2);
  });
});

const pull = (change: object = {}) => ({
  number: 7,
  title: "Net",
  body: null,
  html_url: "https://git.example.org/acme/infra/pulls/7",
  state: "open",
  draft: false,
  merged: false,
  mergeable: true,
  merge_base: "base",
  updated_at: "2026-01-01T00:00:00Z",
  user: { id: 1, login: "ada" },
  labels: null,
  head: { label: "topic", ref: "topic", sha: "head", repo_id: 1 },
  base: { label: "main", ref: "main", sha: "base", repo_id: 1 },
  ...change,
});

describe("whose pull request it is", () => {
  const told = async (head: object) => {
    const { forge } = await against(inTurn([200, pull({ head: { sha: "head", ...head } })]));
    return forge.pull(ref);
  };

  test("one from another repository, from a deleted one, or without a branch counts as a fork", async () => {
    expect((await told({ label: "topic", ref: "topic", repo_id: 1 })).fork).toBe(false);
    expect((await told({ label: "topic", ref: "topic", repo_id: 2 })).fork).toBe(true);
    expect((await told({ label: "topic", ref: "refs/pull/7/head", repo_id: -1 })).fork).toBe(true);
    expect((await told({ label: "", ref: "refs/pull/7/head", repo_id: 1 })).fork).toBe(true);
  });

  test("a deleted branch keeps its name", async () => {
    const { head } = await told({ label: "topic", ref: "refs/pull/7/head", repo_id: 1 });
    expect(head).toEqual({ ref: "topic", sha: "head" });
  });

  test("an account that is gone is a ghost", async () => {
    const { forge } = await against(inTurn([200, pull({ user: null })]));
    expect((await forge.pull(ref)).author).toBe("ghost");
  });
});

describe("the branch's rules", () => {
  interface World {
    readonly pull?: object;
    readonly branch?: object;
    readonly protection?: object | null;
    readonly statuses?: readonly (readonly [context: string, status: string])[];
    readonly reviews?: readonly object[];
  }
  const mergeable = async (world: World): Promise<boolean | null> => {
    const branch = {
      ...{ protected: true, required_approvals: 0, enable_status_check: false },
      ...{ status_check_contexts: [], effective_branch_protection_name: "main", ...world.branch },
    };
    const protection = { block_on_rejected_reviews: false, ...world.protection };
    const statuses = (world.statuses ?? []).map(([context, status]) => ({
      ...{ context, status, description: "", target_url: "" },
    }));
    const { forge } = await against((_method, path) => {
      const page = Number(new URL(path, "http://x").searchParams.get("page") ?? 1);
      if (path.includes("/branches/")) return [200, branch];
      if (path.includes("/branch_protections/"))
        return world.protection === null ? [403, {}] : [200, protection];
      if (path.includes("/reviews")) return [200, page > 1 ? [] : (world.reviews ?? [])];
      if (path.includes("/status")) return [200, { statuses: page > 1 ? null : statuses }];
      return [200, pull(world.pull)];
    });
    return forge.mergeable(ref, ["plumbline/plan", "plumbline/apply"]);
  };
  const contexts = (...names: readonly string[]) => ({
    ...{ enable_status_check: true, status_check_contexts: names },
  });
  const review = (state: string, change: object = {}) => ({
    ...{ id: 1, state, user: { id: 2, login: "bob" }, commit_id: "head", official: true, ...change },
  });

  test.each<[string, World, boolean]>([
    ["no protection", { branch: { protected: false } }, true],
    ["a conflict", { pull: { mergeable: false } }, false],
    ["a draft", { pull: { draft: true } }, false],
    ["a closed one", { pull: { state: "closed" } }, false],
    ["our own context missing", { branch: contexts("plumbline/apply") }, true],
    ["a foreign context missing", { branch: contexts("ci/lint") }, false],
    ["a foreign one pending", { branch: contexts("ci/*"), statuses: [["ci/lint", "pending"]] }, false],
    ["a foreign one warning", { branch: contexts("ci/*"), statuses: [["ci/lint", "warning"]] }, false],
    ["a foreign one done", { branch: contexts("ci/*"), statuses: [["ci/lint", "success"]] }, true],
    [
      "a pattern over ours and others",
      { branch: contexts("*"), statuses: [["plumbline/plan", "pending"]] },
      true,
    ],
    ["every status, ours failing", { branch: contexts(), statuses: [["plumbline/apply", "failure"]] }, true],
    ["every status, another's failing", { branch: contexts(), statuses: [["ci", "failure"]] }, false],
    ["an approval missing", { branch: { required_approvals: 1 } }, false],
    ["an approval", { branch: { required_approvals: 1 }, reviews: [review("APPROVED")] }, true],
    [
      "one by somebody whose word does not count",
      { branch: { required_approvals: 1 }, reviews: [review("APPROVED", { official: false })] },
      false,
    ],
    [
      "a dismissed one",
      { branch: { required_approvals: 1 }, reviews: [review("APPROVED", { dismissed: true })] },
      false,
    ],
    [
      "changes asked for",
      { protection: { block_on_rejected_reviews: true }, reviews: [review("REQUEST_CHANGES")] },
      false,
    ],
    [
      "changes asked for, where we may not read the rule",
      { protection: null, reviews: [review("REQUEST_CHANGES")] },
      false,
    ],
    [
      "behind the base",
      { protection: { block_on_outdated_branch: true }, pull: { merge_base: "older" } },
      false,
    ],
  ])("%s", async (_name, world, expected) => {
    expect(await mergeable(world)).toBe(expected);
  });
});

test("addresses for people and git, below a path too", async () => {
  const { forge, url } = await against(inTurn([200, { login: "plumbline" }]));
  expect(forge.compareUrl("acme/infra", "net/a b.tf", "c0ffee")).toBe(
    `${url}/acme/infra/src/commit/c0ffee/net/a%20b.tf`,
  );
  expect(await forge.cloneAccess("acme/infra")).toEqual({
    url: `${url}/acme/infra.git`,
    username: "plumbline",
    password: TOKEN,
  });
});
