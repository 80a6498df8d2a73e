import { describe, expect, test } from "vitest";
import { PlumblineError } from "../../src/model/errors.ts";
import { against, inTurn, pull, type Reply, ref, TOKEN } from "./scripted-gitea.ts";

// What a real Gitea does not do on demand; the rest of the adapter is held to the forge contract on a real one.

const thrownBy = async (work: Promise<unknown>): Promise<PlumblineError> => {
  const thrown: unknown = await work.then(
    () => new Error("nothing was thrown"),
    (error: unknown) => error,
  );
  if (thrown instanceof PlumblineError) return thrown;
  throw thrown;
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
