import { once } from "node:events";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { cli, folder } from "./world.ts";

interface Line {
  readonly name: string;
  readonly status: string;
  readonly message: string;
  readonly hint?: string;
}

const doctor = async (env: Record<string, string | undefined>, ...argv: string[]) => {
  const cwd = folder();
  const { code, out } = await cli(["doctor", "--json", ...argv], { cwd, env });
  const { ok, checks } = JSON.parse(out) as { ok: boolean; checks: readonly Line[] };
  return { code, ok, line: (name: string) => checks.find((check) => check.name === name) };
};

const tools = (): string => {
  const path = folder();
  writeFileSync(join(path, "git"), "#!/bin/sh\necho git version 2.20.1\n");
  chmodSync(join(path, "git"), 0o755);
  return path;
};

describe("doctor", () => {
  test("one line each, and the way out where something is missing", async () => {
    const { code, ok, line } = await doctor({ PATH: folder(), HOME: folder(), PLUMBLINE_PORT: "0" });
    expect({ code, ok }).toEqual({ code: 2, ok: false });
    expect(line("git")).toMatchObject({ status: "fail", hint: expect.stringContaining("Install git") });
    expect(line("engine")).toMatchObject({ status: "fail", hint: expect.stringContaining("OpenTofu") });
    expect(line("node")).toMatchObject({ status: "ok" });
    expect(line("forge")).toMatchObject({ status: "skip" });
    const text = await cli(["doctor"], { cwd: folder(), env: { PATH: "", PLUMBLINE_PORT: "0" } });
    for (const row of text.out.trimEnd().split("\n")) expect(row).toMatch(/^(ok|fail|skip) +\S+ +\S/);
  });

  test("a git that is too old", async () => {
    const { line } = await doctor({ PATH: `${tools()}:/bin:/usr/bin` });
    expect(line("git")).toMatchObject({ status: "fail", message: "git 2.20.1 is too old." });
  });

  test("OPA is needed where policy sets are configured, and only there", async () => {
    const service = {
      PATH: "",
      HOME: folder(),
      PLUMBLINE_OPA: undefined,
      PLUMBLINE_PORT: "0",
      PLUMBLINE_FORGE: "gitea",
      PLUMBLINE_FORGE_URL: "http://127.0.0.1:1",
      PLUMBLINE_FORGE_TOKEN: "a-token-of-some-length",
      PLUMBLINE_WEBHOOK_SECRET: "a-secret-of-some-length-and-more",
      PLUMBLINE_REPO_ALLOWLIST: "acme/*",
    };
    expect((await doctor(service)).line("opa")).toMatchObject({ status: "skip" });
    const file = join(folder(), "server.yaml");
    writeFileSync(file, "policies:\n  sets:\n    - { name: house, folder: policies }\n");
    const { line } = await doctor(service, "--config", file);
    expect(line("configuration")).toMatchObject({ status: "ok" });
    expect(line("opa")).toMatchObject({ status: "fail", hint: expect.stringContaining("PLUMBLINE_OPA") });
    const wrong = await doctor({ ...service, PLUMBLINE_OPA: "/nowhere/opa" }, "--config", file);
    expect(wrong.line("opa")).toMatchObject({
      status: "fail",
      message: expect.stringContaining("/nowhere/opa"),
    });
  });

  test("a port that is taken, a forge that answers", async () => {
    const server = createServer((_, response) => response.end("{}")).listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}`;
    const { line } = await doctor({
      PATH: process.env["PATH"],
      PLUMBLINE_PORT: String(port),
      PLUMBLINE_HOST: "127.0.0.1",
      PLUMBLINE_FORGE: "gitea",
      PLUMBLINE_FORGE_URL: url,
      PLUMBLINE_FORGE_TOKEN: "a-token-of-some-length",
      PLUMBLINE_WEBHOOK_SECRET: "a-secret-of-some-length-and-more",
      PLUMBLINE_REPO_ALLOWLIST: "acme/*",
    });
    expect(line("configuration")).toMatchObject({ status: "ok" });
    expect(line("port")).toMatchObject({ status: "fail", hint: expect.stringContaining("PLUMBLINE_PORT") });
    expect(line("forge")).toMatchObject({ status: "ok" });
    expect(line("clock")).toMatchObject({ status: "ok" });
    expect(line("database")).toMatchObject({ status: "ok" });
  });

  test("a forge and a database that do not answer, without their passwords", async () => {
    const { code, line } = await doctor({
      PATH: process.env["PATH"],
      PLUMBLINE_PORT: "0",
      PLUMBLINE_FORGE: "gitea",
      PLUMBLINE_FORGE_URL: "http://127.0.0.1:1",
      PLUMBLINE_FORGE_TOKEN: "a-token-of-some-length",
      PLUMBLINE_WEBHOOK_SECRET: "a-secret-of-some-length-and-more",
      PLUMBLINE_REPO_ALLOWLIST: "acme/*",
      PLUMBLINE_DATABASE_URL: "postgres://me:hunter2hunter2@127.0.0.1:1/x",
    });
    expect(code).toBe(2);
    expect(line("forge")).toMatchObject({ status: "fail" });
    expect(line("database")).toMatchObject({ status: "fail" });
    expect(JSON.stringify(line("database"))).not.toContain("hunter2");
  });

  test("problems of the configuration are lines too", async () => {
    const cwd = folder();
    writeFileSync(join(cwd, "server.yaml"), "listen:\n  port: nine\n");
    const { line, code } = await doctor({ PATH: process.env["PATH"] }, "--config", join(cwd, "server.yaml"));
    expect(code).toBe(2);
    expect(line("configuration")).toMatchObject({ status: "fail" });
    mkdirSync(join(cwd, "folder"));
    const missing = await cli(["doctor", "--config", "nowhere.yaml"], { cwd });
    expect(missing.code).toBe(1);
  });
});
