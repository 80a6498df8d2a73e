import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { localServer } from "../../demo/story/local-server.ts";
import { openDatabase } from "../../src/adapters/database.ts";
import { startService } from "../../src/wire.ts";

test("a service that others could reach and that cannot tell who asks does not start, and leaves nothing behind", async () => {
  const dir = await mkdtemp(join(tmpdir(), "plumbline-exposed-"));
  const config = localServer({
    dir,
    repoAllowlist: ["acme/*"],
    forge: { type: "gitea", apiUrl: "http://127.0.0.1:9", token: "t" },
    engine: null,
    env: {},
  });
  const start = (change: object) =>
    startService({ ...config, ...change }, { version: "0", env: process.env, writeLog: () => undefined });

  await expect(start({ listen: { host: "0.0.0.0", port: 0 }, webhookSecrets: [] })).rejects.toMatchObject({
    code: "exposed",
    message: expect.stringMatching(/PLUMBLINE_WEBHOOK_SECRET[\s\S]*PLUMBLINE_ADMIN_TOKEN/),
  });
  const taken = createServer().listen(0, "127.0.0.1");
  await new Promise((ready) => taken.once("listening", ready));
  const { port } = taken.address() as { port: number };
  await expect(start({ listen: { host: "127.0.0.1", port } })).rejects.toMatchObject({ code: "port-taken" });
  taken.close();

  // Nobody holds the database any more.
  const database = await openDatabase({ url: null, dataDir: join(config.dataDir, "database") });
  await database.close();

  const access = { oidc: null, adminToken: "a".repeat(32), grants: [], sessionSeconds: 60 };
  const service = await start({ listen: { host: "0.0.0.0", port: 0 }, access });
  const url = service.url.replace("0.0.0.0", "127.0.0.1");
  const me = await fetch(`${url}/api/me`, { headers: { authorization: `Bearer ${"a".repeat(32)}` } });
  expect(await me.json()).toMatchObject({ name: "admin-token", grants: [{ role: "admin" }] });
  expect(me.headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
  expect((await fetch(`${url}/api/me`)).status).toBe(401);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);

  // A key may be a long path.
  const key = encodeURIComponent(`acme/infra//${"deep/".repeat(50)}a#default`);
  const unknown = await fetch(`${url}/api/v1/workspaces/${key}`, {
    headers: { authorization: `Bearer ${"a".repeat(32)}` },
  });
  expect(await unknown.json()).toMatchObject({
    detail: expect.stringContaining("There is no workspace acme"),
  });

  // People without an identity provider sign in with a token.
  const signedIn = await fetch(`${url}/sign-in`, {
    ...{ method: "POST", redirect: "manual", body: new URLSearchParams({ token: "a".repeat(32) }) },
  });
  const cookie = signedIn.headers.get("set-cookie")?.split(";")[0] ?? "";
  const page = await fetch(`${url}/`, { headers: { cookie } });
  expect(await page.text()).toContain("admin-token");
  await service.stop();
  await rm(dir, { recursive: true, force: true });
}, 90_000);
