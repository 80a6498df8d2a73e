import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createCredentials } from "../../src/adapters/credentials.ts";
import { readAnswer } from "../../src/adapters/credentials-command.ts";
import { createRedactor } from "../../src/adapters/redactor.ts";
import type { CredentialSettings } from "../../src/model/isolation.ts";
import { silent } from "../contract/engine-bench.ts";
import { createHandClock } from "../contract/hand-clock.ts";

let place: string;
beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), "plumbline-credentials-"));
});
afterAll(() => rm(place, { recursive: true, force: true }));

const nothing: CredentialSettings = {
  ...{ env: {}, envFrom: [], files: {}, command: null, commandEnv: [], timeoutSeconds: 20, git: [] },
};
const printing = (script: string): readonly string[] => [process.execPath, "-e", script];
const WORKSPACE = "acme/infra//prod#default";
let folders = 0;
const newFolder = async (): Promise<string> => {
  const path = join(place, `folder-${++folders}`);
  await mkdir(path, { mode: 0o700 });
  return path;
};

const stage = (
  plan: Partial<CredentialSettings> | null,
  apply: Partial<CredentialSettings> | null = null,
) => {
  const clock = createHandClock();
  const redactor = createRedactor();
  const credentials = createCredentials({
    rules: [
      {
        workspaces: ["acme/infra//prod*"],
        plan: plan && { ...nothing, ...plan },
        apply: apply && { ...nothing, ...apply },
      },
    ],
    env: { PATH: process.env["PATH"], SERVICE_TOKEN: "service-token-canary", HANDED: "handed-on-canary" },
    ...{ clock, redactor, log: silent },
  });
  const lend = (phase: "plan" | "apply", workspace = WORKSPACE) =>
    credentials.lend({ workspace, run: "run_1", phase }, newFolder);
  return { clock, redactor, lend };
};

test("a command is asked per phase and workspace, and its answer is lent until it runs out", async () => {
  const counter = join(place, "asked");
  const script = `
    const fs = require('fs'); fs.appendFileSync(${JSON.stringify(counter)}, 'x');
    const ask = JSON.parse(fs.readFileSync(0, 'utf8'));
    if (process.env.SERVICE_TOKEN) throw new Error('saw the service');
    console.log(JSON.stringify({ env: { CLOUD_TOKEN: 'canary-' + ask.phase + '-' + process.env.PLUMBLINE_WORKSPACE, N: fs.readFileSync(${JSON.stringify(counter)}, 'utf8') },
      expires_at: new Date(${createHandClock().now().getTime()} + 3600_000).toISOString() }));`;
  const { clock, redactor, lend } = stage(
    { command: printing(script) },
    { env: { CLOUD_TOKEN: "apply-only" } },
  );
  const plan = lend("plan");
  const first = await plan.variables();
  expect(first.env).toMatchObject({ CLOUD_TOKEN: `canary-plan-${WORKSPACE}`, N: "x" });
  expect(redactor.redact(`x canary-plan-${WORKSPACE} y`)).toBe("x (redacted) y");
  clock.turn(50 * 60_000);
  expect((await plan.variables()).env["N"]).toBe("x");
  clock.turn(6 * 60_000);
  expect((await plan.variables()).env["N"]).toBe("xx");
  expect((await lend("apply").variables()).env).toEqual({ CLOUD_TOKEN: "apply-only" });
  expect((await lend("plan", "acme/infra//stage#default").variables()).env).toEqual({});
});

test("files are private copies, and those of a command are rewritten while a long apply goes on", async () => {
  const source = join(place, "service-account.json");
  await writeFile(
    source,
    JSON.stringify({ type: "service_account", private_key: "canary-private-key-text" }),
  );
  const counter = join(place, "renewed");
  const script = `
    const fs = require('fs'); fs.appendFileSync(${JSON.stringify(counter)}, 'x');
    console.log(JSON.stringify({ files: { AWS_WEB_IDENTITY_TOKEN_FILE: 'canary-web-identity-' + fs.readFileSync(${JSON.stringify(counter)}, 'utf8') },
      env: { AWS_ROLE_ARN: 'arn:aws:iam::1:role/apply' },
      expires_at: new Date(${createHandClock().now().getTime()} + 3600_000).toISOString() }));`;
  const { clock, redactor, lend } = stage(null, {
    files: { GOOGLE_APPLICATION_CREDENTIALS: source },
    command: printing(script),
  });
  const apply = lend("apply");
  const { env, folders: shown } = await apply.variables();
  const token = String(env["AWS_WEB_IDENTITY_TOKEN_FILE"]);
  expect(await readFile(token, "utf8")).toBe("canary-web-identity-x");
  expect((await stat(token)).mode & 0o777).toBe(0o600);
  expect(shown).toEqual([join(token, "..")]);
  expect(String(env["GOOGLE_APPLICATION_CREDENTIALS"]).startsWith(String(shown[0]))).toBe(true);
  expect(redactor.redact("canary-private-key-text canary-web-identity-x service_account")).toBe(
    "(redacted) (redacted) service_account",
  );
  clock.turn(56 * 60_000);
  await expect.poll(() => readFile(token, "utf8")).toBe("canary-web-identity-xx");
  expect((await readdir(String(shown[0]))).sort()).toEqual([
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "GOOGLE_APPLICATION_CREDENTIALS",
  ]);
  apply.close();
  clock.turn(600 * 60_000);
  expect(await readFile(counter, "utf8")).toBe("xx");
});

test("git gets the credential for its address alone, from the environment alone", async () => {
  const git = [
    { url: "https://git.example/acme/", username: "bot", password: "canary-git-password" },
    { url: "https://other.example", username: "x-access-token", password: "canary-other-password" },
  ];
  const { redactor, lend } = stage({ git, envFrom: ["HANDED"] });
  const { env } = await lend("plan").variables();
  expect(env["HANDED"]).toBe("handed-on-canary");
  expect(
    Object.entries(env)
      .filter(([name]) => /CONFIG/.test(name))
      .join(),
  ).not.toContain("canary");
  expect(redactor.redact("canary-git-password canary-other-password")).toBe("(redacted) (redacted)");
  const fill = async (path: string): Promise<string> => {
    const child = promisify(execFile)("git", ["credential", "fill"], {
      env: { ...env, PATH: process.env["PATH"], HOME: place, GIT_ASKPASS: "/bin/false" },
    });
    child.child.stdin?.end(`url=${path}\n\n`);
    return child.then(
      ({ stdout }) => stdout,
      () => "refused",
    );
  };
  expect(await fill("https://git.example/acme/modules.git")).toContain("canary-git-password");
  expect(await fill("https://git.example/evil/modules.git")).toBe("refused");
  expect(await fill("https://git.example.evil/acme/modules.git")).toBe("refused");
  expect(await fill("https://other.example/any.git")).toContain("canary-other-password");
});

test("what a command says wrong is refused without a value of it", async () => {
  const answers = [
    "",
    "[]",
    "no",
    '{"env": {"A": 1}}',
    '{"env": {"A-B": "canary"}}',
    '{"AccessKeyId": "canary"}',
  ];
  for (const text of [
    ...answers,
    '{"env": {}, "expires_at": "canary"}',
    '{"git": [{"url": "http://x", "password": "canary"}]}',
  ]) {
    expect(() => readAnswer(text)).toThrow(expect.objectContaining({ code: "credentials-failed" }));
    expect(() => readAnswer(text)).not.toThrow(/canary/);
  }
  const { lend } = stage({
    command: printing("console.error('token ghp_abcdefghijklmnopqrstuvwxyz'); process.exit(4)"),
  });
  await expect(lend("plan").variables()).rejects.toThrow(/ended with 4: token \(redacted\)/);
  await expect(
    stage({ envFrom: ["ABSENT"] })
      .lend("plan")
      .variables(),
  ).rejects.toThrow(/no variable ABSENT/);
});

test("AWS's credential_process and a plain object are understood", () => {
  expect(
    readAnswer(
      '{"Version":1,"AccessKeyId":"A","SecretAccessKey":"S","SessionToken":"T","Expiration":"2030-01-01T00:00:00Z"}',
    ),
  ).toEqual({
    env: { AWS_ACCESS_KEY_ID: "A", AWS_SECRET_ACCESS_KEY: "S", AWS_SESSION_TOKEN: "T" },
    files: {},
    git: [],
    expiresAt: new Date("2030-01-01T00:00:00Z"),
  });
  expect(readAnswer('{"TF_TOKEN_app_terraform_io":"T"}').env).toEqual({ TF_TOKEN_app_terraform_io: "T" });
});
