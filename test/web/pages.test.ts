import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HALF_WAY } from "../../src/model/migration.ts";
import { linksOf } from "../../src/run/tell-channel.ts";
import type { Action } from "../../src/web/api/actions.ts";
import { documentText } from "../../src/web/pages/html.ts";
import { STYLE_URL } from "../../src/web/pages/style.ts";
import { toldPage } from "../../src/web/pages/told.ts";
import { A, B, openPagesStage, type PagesStage, SECRET } from "./pages-stage.ts";

let stage: PagesStage;
beforeAll(async () => {
  stage = await openPagesStage();
});
afterAll(() => stage.close());

const workspace = (key: string): string => `/workspaces/${encodeURIComponent(key)}`;
const get = (url: string, token = "admin") =>
  stage.app.inject({ url, headers: { authorization: `Bearer ${token}` } });
const post = (
  url: string,
  form: Record<string, string>,
  cookies: Record<string, string> = {},
  headers = {},
) =>
  stage.app.inject({
    ...{ method: "POST" as const, url, cookies, payload: new URLSearchParams(form).toString() },
    headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
  });
const signIn = async (token: string) => {
  const answer = await post("/sign-in", { token, back: "/findings?state=all" });
  return {
    answer,
    cookies: Object.fromEntries(answer.cookies.map(({ name, value }) => [name, value])),
  };
};
/** Hidden fields of the form whose address ends so. */
const hiddenOf = (page: string, action: string): Record<string, string> => {
  const form =
    new RegExp(`<form[^>]*action="[^"]*${action}[^"]*"[^>]*>(.*?)</form>`, "s").exec(page)?.[1] ?? "";
  return Object.fromEntries(
    [...form.matchAll(/type="hidden" name="([^"]+)" value="([^"]*)"/g)].map(([, name = "", value = ""]) => [
      name,
      value.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&"),
    ]),
  );
};
const texts = (page: string, tag: string): readonly string[] =>
  [...page.matchAll(new RegExp(`<${tag}(?: [^>]*)?>(.*?)</${tag}>`, "gs"))].map(([, inside = ""]) =>
    inside.replaceAll(/<[^>]+>/g, "").trim(),
  );

const FROM_US = /^<script type="module" src="\/assets\/[0-9a-f]{16}\/run-log\.js"><\/script>$/;

describe("reading", () => {
  test("numbers are charts with a table each; the span stays in the address; only what is theirs counts", async () => {
    const { body } = await get("/numbers?weeks=4");
    expect(/<figure.*?by-team.*?<\/figure>/s.exec(body)?.[0]).toMatch(
      /<svg [^>]*role="img"[^>]*>.*<rect .*@acme\/net/s,
    );
    const rows = texts(
      /<table><caption[^>]*>Console changes per week by team.*?<\/table>/s.exec(body)?.[0] ?? "",
      "tr",
    );
    expect(rows.at(0)).toBe("Week of@acme/net");
    expect(rows).toContain("2026-02-23, not a whole week1");
    expect(body).toContain('href="/numbers?weeks=12"');
    expect(/aria-current="true"[^>]*>4 weeks/.test(body)).toBe(true);
    expect(texts(body, "dt")).toEqual(
      expect.arrayContaining(["Found to pull request", "Followed through", "plan: takes"]),
    );
    expect(body).not.toContain(" style=");
    expect((await get("/numbers?weeks=0")).statusCode).toBe(400);
    const other = await get("/numbers", "elsewhere");
    expect([other.statusCode, other.body.includes("@acme/net")]).toEqual([200, false]);
  });

  test("every page of the navigation is whole, has one heading and no script but that of logs", async () => {
    const { body } = await get("/");
    const menu = [...(/<nav.*?<\/nav>/s.exec(body)?.[0].matchAll(/href="([^"]+)"/g) ?? [])].map(
      ([, url = ""]) => url,
    );
    expect(menu).toEqual([
      ...["/", "/findings", "/runs", "/queue", "/policies", "/numbers", "/audit", "/settings"],
    ]);
    for (const url of [...menu, "/evidence", workspace(A), "/runs/run_b", "/findings/1"]) {
      const page = await get(url);
      expect([url, page.statusCode]).toEqual([url, 200]);
      expect(page.body.startsWith('<!doctype html><html lang="en">')).toBe(true);
      expect(texts(page.body, "h1")).toHaveLength(1);
      const scripts = page.body.match(/<script.*?<\/script>/gs) ?? [];
      expect(scripts).toEqual(url === "/runs/run_b" ? [expect.stringMatching(FROM_US)] : []);
      expect(page.body).not.toMatch(/\sstyle=|\son[a-z]+=/i);
      expect(page.headers["content-security-policy"]).toContain("default-src 'none'");
    }
  });

  test("the overview tells state, drift, lock, run and owner, and its filters are the address", async () => {
    const { body } = await get("/");
    const rows = texts(body, "tr").slice(1);
    expect(rows).toHaveLength(2);
    expect(rows[0]).toMatch(/data\/b.*failed.*R4.*apply.*failed.*1 h ago.*@acme\/net/s);
    expect(rows[1]).toMatch(/network\/a.*drifted.*1 open.*2 h ago.*acme\/infra#4/s);
    const found = (await get("/?search=NETWORK&owner=&sync=drifted&locked=true")).body;
    expect(texts(found, "tr")).toHaveLength(2);
    expect(found).toContain('value="NETWORK"');
    const graded = (await get("/?class=R4")).body;
    expect(texts(graded, "tr").slice(1)).toEqual([expect.stringMatching(/data\/b/)]);
    expect(graded).toContain('<option value="R4" selected>R4</option>');
    expect(graded).toMatch(/aria-label="How many stand how">.{0,400}href="\/\?class=R4&amp;sync=failed"/s);
    expect((await get("/?class=R4,R0&sync=drifted")).body).toContain("No workspace is like that.");
    expect((await get("/?class=R6")).statusCode).toBe(400);
    expect((await get("/?search=nothing-like-it")).body).toContain("No workspace is like that.");
    expect((await get("/?sync=sideways")).statusCode).toBe(400);
  });

  test("lists lead on to their next part", async () => {
    const first = (await get("/?limit=1")).body;
    const next = /rel="next" href="([^"]+)"/.exec(first)?.[1]?.replaceAll("&amp;", "&") ?? "";
    const second = (await get(next)).body;
    expect(texts(first, "tr")[1]).toContain("data/b");
    expect(texts(second, "tr")[1]).toContain("network/a");
    expect(second).not.toContain('rel="next"');
    expect((await get("/?cursor=nonsense")).statusCode).toBe(400);
  });

  test("a migration that stopped half-way is shown with the comments that end it", async () => {
    await stage.ledger.workspaces.freeze(B, HALF_WAY, new Date("2026-03-01T13:00:00Z"), null);
    const { body } = await get(workspace(B));
    await stage.ledger.workspaces.unfreeze(B);
    expect(texts(body, "dd")).toContain("a migration failed half-way (1 h ago)");
    for (const way of ["resume", "repair", "compensate"])
      expect(texts(body, "code")).toContain(`plumbline migrate ${way} -d data/b`);
    expect((await get(workspace(B))).body).not.toContain("plumbline migrate");
  });

  test("a workspace shows desired, recorded and actual, its schedule and its history", async () => {
    const { body } = await get(workspace(A));
    expect(texts(body, "th")).toEqual(
      expect.arrayContaining(["Desired (Git)", "Recorded (state)", "Actual (live)"]),
    );
    expect(texts(body, "dd")).toEqual(
      expect.arrayContaining(["20 * * * * in UTC (says the repository)", "in 20 min (2026-03-01 14:20 UTC)"]),
    );
    expect(texts((await get(workspace(B))).body, "dd")).toEqual(
      expect.arrayContaining(["6h (the server's own schedule)", "in 4 h (2026-03-01 18:00 UTC)"]),
    );
    expect(body).toContain('href="https://forge.example/acme/infra/pull/3"');
    expect(body).toContain('href="/runs/run_a"');
  });

  test("a run shows gates with their way out, policies, the plan as a tree and the log by phase", async () => {
    const { body } = await get("/runs/run_b");
    expect(body).toMatch(/not-approved.*Way out:.*Ask an owner for a review/s);
    expect(body).toContain("It is open to the world.");
    expect(texts(body, "summary")).toEqual([
      expect.stringMatching(/delete.*cloud_db\.main.*R4/s),
      "module.net",
      expect.stringMatching(/update.*cloud_box\.small.*R1/s),
      expect.stringMatching(/^init/),
      expect.stringMatching(/^plan/),
    ]);
    expect(texts(body, "del")).toEqual(["1"]);
    expect(body).toContain("&lt;b>bold");
  });

  test("evidence is downloaded as the terminal exports it, and the audit says who was given it", async () => {
    const { body } = await get("/evidence", "viewer");
    const [, link = ""] = /<a href="([^"]+)" download>/.exec(body) ?? [];
    const file = await get(link, "viewer");
    expect(file.headers["content-disposition"]).toBe('attachment; filename="evidence-run_a.json"');
    const copy = file.json();
    expect([copy.problems, copy.evidence.workspace]).toEqual([[], A]);
    expect(createHash("sha256").update(copy.text).digest("hex")).toBe(copy.sha256);
    expect(copy.audit).toEqual([expect.objectContaining({ action: "applied", subject: A })]);
    for (const [url, token] of [
      [link, "elsewhere"],
      ["/evidence/run_b", "viewer"],
      ["/evidence/x", "viewer"],
    ] as const)
      expect([url, (await get(url, token)).statusCode]).toEqual([url, 404]);
    expect((await stage.app.inject({ url: link })).statusCode).toBe(401);
    const given = (await stage.ledger.audit.list({ subject: A })).filter(
      ({ action }) => action === "evidence-exported",
    );
    expect(given.map(({ actor, details }) => [actor, details])).toEqual([["token:viewer", { run: "run_a" }]]);
  });

  test("policies: each set with its rules, how far it reaches, and what each rule said last", async () => {
    const { body } = await get("/policies");
    const sets = /id="sets".*?<\/section>/s.exec(body)?.[0] ?? "";
    expect(sets).toMatch(/base <span class="badge bad">deny<.*acme\/policies, folder base/s);
    const rules = texts(sets, "tr").slice(1);
    expect(rules).toEqual([expect.stringMatching(/main\.deny_open.*1/s), "main.deny_public"]);
    expect(sets).toContain(`href="${workspace(B)}"`);
    expect(sets).toMatch(/main\.deny_old.*every workspace until .* by ann: until it moves/s);
  });

  test("a failing alert channel is seen where everybody looks, and tried where it is set up", async () => {
    expect((await get("/")).body).not.toContain("Alerts do not arrive");
    await stage.ledger.alerts.channelFailed(
      "chat",
      { error: `no ${SECRET}`, refused: true },
      new Date("2026-03-01T11:00:00Z"),
    );
    const { body } = await get("/", "viewer");
    expect(body).toMatch(
      /Alerts do not arrive.*chat.*has failed since.*3 h ago.*no \(redacted\).*a test shows it/s,
    );
    const settings = (await get("/settings")).body;
    expect(texts(/id="channels".*?<\/table>/s.exec(settings)?.[0] ?? "", "tr").slice(1)).toEqual([
      expect.stringMatching(/^chat.*slack.*fails \(1\)/s),
      expect.stringMatching(/^issues.*nothing sent yet/s),
    ]);
    await stage.ledger.alerts.channelWorked("chat", new Date("2026-03-01T12:00:00Z"));
    expect((await get("/")).body).not.toContain("Alerts do not arrive");
  });

  test("that everything is frozen stands where everybody looks, with whose word it is", async () => {
    expect((await get("/")).body).not.toContain("Everything is frozen");
    stage.freezes.push(
      { target: A, by: "ann", reason: "this one", since: new Date("2026-03-01T11:00:00Z") },
      { target: "*", by: "noor", reason: `no ${SECRET}`, since: new Date("2026-03-01T12:00:00Z") },
    );
    for (const url of ["/", "/settings"])
      expect((await get(url)).body).toMatch(/Everything is frozen<.*2 h ago.*by noor: no \(redacted\)/s);
    expect((await get("/")).body).not.toContain("this one");
    stage.freezes.splice(0);
  });

  test("an address of nothing is a page for people and a problem for programs, each with the request's name", async () => {
    const accept = "text/html,*/*;q=0.8";
    const headers = { accept, authorization: "Bearer admin" };
    const page = await stage.app.inject({ url: "/nothing/here", headers });
    expect([page.statusCode, page.headers["content-type"]]).toEqual([404, "text/html; charset=utf-8"]);
    expect(page.body).toMatch(/<h1>There is no such page<.*Request <code>req-\w+<\/code>/s);
    const problem = await stage.app.inject({ url: "/nothing/here", headers: { accept: "*/*" } });
    expect([problem.statusCode, problem.headers["content-type"]]).toEqual([
      404,
      "application/problem+json; charset=utf-8",
    ]);
    expect(problem.json()).toMatchObject({ code: "not-found", request: expect.stringMatching(/^req-/) });
    const { cookies } = await signIn("admin");
    const gone = await stage.app.inject({ url: "/findings/999", headers: { accept }, cookies });
    expect(gone.statusCode).toBe(404);
    expect(gone.body).toMatch(/no finding 999.*Request <code>/s);
    expect(gone.body).toContain('aria-label="Pages"');
  });

  test("the address of an alert leads to its finding; to look changes nothing", async () => {
    const answer = await stage.app.inject({ url: "/drift/1" });
    // That of a storm names the message in its query, which the sign-in keeps.
    const list = "/findings?told=chat%3Astorm%3Ax";
    expect(hiddenOf((await stage.app.inject({ url: list })).body, "/sign-in")).toEqual({ back: list });
    expect((await get(list)).body).toMatch(/name="told" value="chat:storm:x".*Nothing differs like that/s);
    expect([answer.statusCode, answer.headers.location]).toEqual([302, "/findings/1"]);
    const { body } = await get("/findings/1");
    const ways: string[] = [];
    for (const way of linksOf("https://plumbline.example/", {
      url: "https://f.example",
      ...{ finding: 1, endedAt: null, workspace: "acme/infra//network#default" },
    }))
      if (way.url.startsWith("https://plumbline.example/drift/1/")) {
        const { pathname } = new URL(way.url);
        const asked = await stage.app.inject({ url: pathname });
        expect([asked.statusCode, hiddenOf(asked.body, "/sign-in")]).toEqual([401, { back: pathname }]);
        const there = String((await get(pathname)).headers.location);
        expect(there).toMatch(/^\/findings\/1#/);
        expect(body).toMatch(new RegExp(`<(form|p) id="${there.split("#")[1]}"`));
        ways.push(there);
      }
    expect(ways).toHaveLength(3);
    expect(stage.done).toEqual([]);
  });

  test("what somebody else wrote is text, and what is secret is not there", async () => {
    for (const url of ["/findings", "/findings/1", workspace(A), "/runs/run_b"]) {
      const { body } = await get(url);
      expect(body).not.toContain(SECRET);
      expect(body).not.toMatch(/<script(?! type="module" src="\/assets\/)|<i>|<b>/);
    }
    const { body } = await get("/findings/1");
    expect(body).toContain("&lt;script>(redacted)");
    expect(body).toMatch(/critical<\/span>.*console<\/span>.*By noor\..*Found/s);
  });

  test("travels compressed to who takes that; the stylesheet is kept for good", async () => {
    const headers = { authorization: "Bearer admin", "accept-encoding": "gzip, br" };
    const answer = await stage.app.inject({ url: "/", headers });
    expect(answer.headers["content-encoding"]).toBe("gzip");
    expect(gunzipSync(answer.rawPayload).toString()).toContain("<h1>Workspaces</h1>");
    const style = await stage.app.inject({ url: STYLE_URL });
    expect(style.headers["cache-control"]).toContain("immutable");
    expect(style.headers["content-type"]).toContain("text/css");
  });
});

describe("who may", () => {
  test("nobody gets a form to sign in, and afterwards what was asked for", async () => {
    const asked = await stage.app.inject({ url: "/findings?state=all" });
    expect(asked.statusCode).toBe(401);
    expect(hiddenOf(asked.body, "/sign-in")).toEqual({ back: "/findings?state=all" });
    const { answer, cookies } = await signIn("admin");
    expect([answer.statusCode, answer.headers.location]).toEqual([303, "/findings?state=all"]);
    expect((await stage.app.inject({ url: "/", cookies })).statusCode).toBe(200);
  });

  test("a wrong token, another site and an address elsewhere lead nowhere", async () => {
    expect((await signIn("wrong")).answer.statusCode).toBe(403);
    const across = await post("/sign-in", { token: "admin" }, {}, { "sec-fetch-site": "cross-site" });
    expect(across.statusCode).toBe(403);
    for (const back of ["//evil.example", "https://evil.example", "/\\evil.example"])
      expect((await post("/sign-in", { token: "admin", back })).headers.location).toBe("/");
  });

  test("sees only what is theirs, and is not told of the rest", async () => {
    expect((await get("/", "elsewhere")).body).toContain("No workspace is like that.");
    for (const url of [workspace(A), "/runs/run_b", "/findings/1"])
      expect([url, (await get(url, "elsewhere")).statusCode]).toEqual([url, 404]);
    expect((await get("/settings", "viewer")).statusCode).toBe(403);
  });

  test("a viewer is told which role a button takes, and is refused without it", async () => {
    const { cookies } = await signIn("viewer");
    const { body } = await stage.app.inject({ url: "/findings/1", cookies });
    expect(body).toMatch(/Formalize<\/strong> takes the role approver/);
    const { csrf = "" } = hiddenOf(body, "/sign-out");
    const refused = await post(`/do/formalize/${encodeURIComponent(A)}`, { csrf }, cookies);
    expect(refused.statusCode).toBe(403);
    expect(stage.done).toEqual([]);
  });
});

describe("doing", () => {
  test("an answer that nothing follows is not shown as a success", () => {
    const action = { name: "revert", path: "/workspaces/{id}/revert" } as Action;
    const badge = (queued: readonly string[], answer: string | null) =>
      /<span class="(badge \w+)">/.exec(
        documentText(toldPage(action, A, { answer, queued: [...queued] }).body),
      )?.[1];
    expect(badge([], "Nothing was done: more of it was changed.")).toBe("badge note");
    expect(badge(["publish"], "Reverting.")).toBe("badge good");
    expect(badge([], null)).toBe("badge good");
  });

  test("forms do what the API does, once, as whoever is signed in", async () => {
    const { cookies } = await signIn("admin");
    const { body } = await stage.app.inject({ url: "/findings/1", cookies });
    const form = hiddenOf(body, "/do/formalize/");
    const url = `/do/formalize/${encodeURIComponent(A)}`;
    for (const _ of [1, 2]) {
      const told = await post(url, form, cookies);
      expect(told.statusCode).toBe(200);
      expect(told.body).toContain("Done: formalize");
    }
    expect(stage.done.splice(0)).toEqual([`token:admin formalize ${A} []`]);
    const revert = hiddenOf(body, "/do/revert/");
    expect(revert["targets"]).toBe("cloud_box.<i>a</i>");
    const ignore = { ...hiddenOf(body, "/do/ignore/"), for: "14d", reason: "known" };
    expect((await post(`/do/ignore/${encodeURIComponent(A)}`, ignore, cookies)).statusCode).toBe(200);
    expect(stage.done.splice(0)[0]).toContain("ignore");
    const without = await post(
      `/do/ignore/${encodeURIComponent(A)}`,
      { ...ignore, reason: "", once: "other" },
      cookies,
    );
    expect(without.statusCode).toBe(400);
  });

  test("without the word of the session nothing is done", async () => {
    const { cookies } = await signIn("admin");
    for (const csrf of ["", "AAAA", "word"])
      expect((await post(`/do/look/${encodeURIComponent(B)}`, { csrf }, cookies)).statusCode).toBe(403);
    expect((await post("/sign-out", {}, cookies)).statusCode).toBe(403);
    expect(stage.done).toEqual([]);
  });

  test("snooze and in hand are seen at once", async () => {
    const { cookies } = await signIn("admin");
    const { body } = await stage.app.inject({ url: "/findings/1", cookies });
    const snooze = { ...hiddenOf(body, "/do/snooze/"), for: "8h", reason: "asleep" };
    expect((await post("/do/snooze/1", snooze, cookies)).statusCode).toBe(200);
    expect((await post("/do/ack/1", hiddenOf(body, "/do/ack/"), cookies)).statusCode).toBe(200);
    const after = (await stage.app.inject({ url: "/findings/1", cookies })).body;
    expect(after).toContain("2026-03-01 22:00 UTC: asleep");
    expect(after).not.toContain("I have it in hand");
  });
});

describe("the log of a run", () => {
  test("a run that goes on: its log so far, the place to follow it from, and the one script", async () => {
    const at = new Date("2026-03-01T13:00:00Z");
    const run = { workspace: B, kind: "plan", pull: null, head: "h", base: "b", trigger: "x" } as const;
    await stage.ledger.runs.create({ ...run, id: "run_live", requestedBy: "ann", createdAt: at });
    await stage.ledger.runs.transition("run_live", { from: ["queued"], to: "running", token: 1, at });
    expect((await get("/runs/run_live")).body).toContain("log/stream?from=0");
    const text = `== init\n\u001b[32mok\u001b[0m ${SECRET} <b>\n`;
    await stage.logGrows("run_live", text);
    const { body } = await get("/runs/run_live");
    expect(body).toContain(`data-log="/api/v1/runs/run_live/log/stream?from=${text.length}"`);
    expect(body).toContain('<span class="l"><span class="c2">ok</span> (redacted) &lt;b></span>');
    const [, source = ""] = /<script type="module" src="([^"]+)"><\/script>/.exec(body) ?? [];
    for (const url of [source, source.replace("run-log.js", "log-lines.js")]) {
      const script = await stage.app.inject(url);
      expect([script.statusCode, script.headers["content-type"]]).toEqual([
        200,
        "text/javascript; charset=utf-8",
      ]);
      expect(script.headers["content-security-policy"]).toContain("script-src 'self'");
    }
  });

  test("a long log is read in parts, from its end, by links", async () => {
    for (let at = 0; at < 3; at += 1)
      await stage.logGrows(
        "run_live",
        Array.from({ length: 700 }, (_, of) => `line ${at * 700 + of} ${"x".repeat(80)}\n`).join(""),
      );
    const linesOf = (page: string) => texts(page, "pre")[0]?.match(/line \d+/g) ?? [];
    const links = (page: string): Record<string, string> =>
      Object.fromEntries(
        [...page.matchAll(/<a href="(\/runs\/run_live[^"]*)">([^<]+)<\/a>/g)].map(
          ([, url = "", name = ""]) => [name, url],
        ),
      );
    const end = (await get("/runs/run_live")).body;
    expect(linesOf(end).at(-1)).toBe("line 2099");
    expect(Object.keys(links(end))).toEqual(["From the start", "Earlier"]);
    const earlier = (await get(links(end)["Earlier"] ?? "")).body;
    const [first = ""] = linesOf(end);
    expect(linesOf(earlier).at(-1)).toBe(`line ${Number(first.slice(5)) - 1}`);
    expect(earlier).toMatch(/ data-log>/);
    const start = (await get(links(end)["From the start"] ?? "")).body;
    expect(linesOf(start)[0]).toBe("line 0");
    expect(Object.keys(links(start))).toEqual(["Later", "To the end"]);
    const found = (await get("/runs/run_live?q=LINE+0+x")).body;
    expect(texts(found, "h3")).toEqual(["1 line with “LINE 0 x”"]);
    expect(found).toMatch(/<li><a href="([^"]+)">Line 3<\/a> <code><mark>line 0 x<\/mark>x+<\/code>/);
    const there = links(found)["Line 3"]?.replaceAll("&amp;", "&") ?? "";
    expect(linesOf((await get(there)).body)[0]).toBe("line 0");
    const many = (await get("/runs/run_live?q=line")).body;
    const on = links(many)["Search on"]?.replaceAll("&amp;", "&") ?? "";
    expect(texts(many, "h3")).toEqual(["100 lines with “line”, so far"]);
    expect(texts((await get(on)).body, "ol")[0]).toMatch(/^Line 103 line 100/);
    const none = (await get(`/runs/run_live?q=${SECRET}`)).body;
    expect(texts(none, "h3")).toEqual([expect.stringMatching(/^No line with/)]);
    expect((await get("/runs/run_live?q=line&cursor=x")).statusCode).toBe(400);
    expect((await get("/runs/run_live?from=x")).body).toContain("line 2099");
  });
});
