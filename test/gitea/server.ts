import { type ChildProcess, execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import { freePort } from "../contract/free-port.ts";
import { buildGitea, type GiteaBuild } from "./build.ts";
import { giteaSettings } from "./settings.ts";

const run = promisify(execFile);

export interface Gitea {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly url: string;
  readonly adminLogin: string;
  readonly adminToken: string;
  /** One call of the API below `/api/v1`, as the administrator or as somebody else; throws on other answers than 2xx. */
  api<T = unknown>(method: string, path: string, body?: object, as?: string): Promise<T>;
  /** A new person, who may sign in with the password. */
  addUser(login: string): Promise<{ login: string; password: string }>;
  /** An empty repository of the administrator; returns `owner/name`. */
  createRepo(name: string): Promise<string>;
  /** A signed webhook for every event of the repository. */
  addWebhook(repo: string, url: string, secret: string): Promise<void>;
  /** Resolves once everything that Gitea does in the background is done. */
  settle(): Promise<void>;
  stop(): Promise<void>;
}

const ADMIN = "plumbline";

/** A real Gitea in a folder of its own, on a free port, with SQLite; built when it is not cached. */
export const startGitea = async (): Promise<Gitea> => {
  const build = await buildGitea();
  const folder = await mkdtemp(join(tmpdir(), "plumbline-gitea-"));
  const place = { folder, port: await freePort(), share: build.share, internalToken: internalToken() };
  const config = join(folder, "app.ini");
  await mkdir(join(folder, "home"));
  await writeFile(config, giteaSettings(place), { mode: 0o600 });
  const call = command(build, folder, config);
  await call(["migrate"]);
  const adminToken = await createAdmin(call);
  const server = spawn(build.binary, ["--config", config, "--work-path", folder, "web"], {
    env: environment(folder),
    stdio: "ignore",
  });
  const url = `http://127.0.0.1:${place.port}`;
  await answering(url, server);
  return { ...callsOf(url, adminToken, place.internalToken), stop: () => stop(server, folder) };
};

type Calls = Omit<Gitea, "stop">;

const callsOf = (url: string, adminToken: string, internal: string): Calls => {
  const api: Gitea["api"] = async (method, path, body, as = ADMIN) => {
    const headers = {
      authorization: `token ${adminToken}`,
      "content-type": "application/json",
      // An administrator may act as anybody: no tokens to make.
      sudo: as,
    };
    return ask(`${url}/api/v1${path}`, method, headers, body);
  };
  return {
    url,
    adminLogin: ADMIN,
    adminToken,
    api,
    async addUser(login) {
      const password = randomBytes(12).toString("hex");
      const email = `${login}@example.org`;
      const body = { username: login, email, password, must_change_password: false };
      await api("POST", "/admin/users", body);
      return { login, password };
    },
    async createRepo(name) {
      await api("POST", "/user/repos", { name, default_branch: "main" });
      return `${ADMIN}/${name}`;
    },
    async addWebhook(repo, target, secret) {
      const config = { url: target, content_type: "json", secret };
      const body = { type: "gitea", active: true, events: EVERY_EVENT, config };
      await api("POST", `/repos/${repo}/hooks`, body);
    },
    async settle() {
      const headers = { "content-type": "application/json", "x-gitea-internal-auth": `Bearer ${internal}` };
      const body = { Timeout: 60_000_000_000, NonBlocking: false };
      // A push feeds one queue, which feeds the next one: conflicts, feeds, webhooks.
      for (const _queue of ["pushes", "pull requests", "webhooks"])
        await ask(`${url}/api/internal/manager/flush-queues`, "POST", headers, body);
    },
  };
};

const EVERY_EVENT = [
  ...["push", "create", "delete", "pull_request_only", "pull_request_sync", "pull_request_comment"],
  ...["pull_request_review", "issues_only", "issue_comment", "pull_request_label"],
];

const ask = async <T>(
  address: string,
  method: string,
  headers: Record<string, string>,
  body: object | undefined,
): Promise<T> => {
  const response = await fetch(address, {
    method,
    headers,
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const text = await response.text();
  if (!response.ok)
    throw new GiteaAnswer(`${method} ${address}: ${response.status} ${text}`, response.status);
  try {
    return JSON.parse(text) as T;
  } catch {
    return text as T;
  }
};

export class GiteaAnswer extends Error {
  readonly status: number;
  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

type Command = (words: readonly string[]) => Promise<string>;

const command =
  (build: GiteaBuild, folder: string, config: string): Command =>
  async (words) => {
    const options = { env: environment(folder), maxBuffer: 16 * 1024 * 1024 };
    const { stdout } = await run(
      build.binary,
      ["--config", config, "--work-path", folder, ...words],
      options,
    );
    return stdout;
  };

const environment = (folder: string): Record<string, string> => ({
  HOME: join(folder, "home"),
  PATH: process.env["PATH"] ?? "",
});

const createAdmin = async (call: Command): Promise<string> => {
  const account = ["--username", ADMIN, "--email", `${ADMIN}@example.org`, "--random-password"];
  const flags = ["--admin", "--must-change-password=false", "--access-token"];
  const said = await call(["admin", "user", "create", ...account, ...flags]);
  const token = /token was successfully created\.* (\w+)/.exec(said)?.[1];
  if (!token) throw new Error(`Gitea gave no token: ${said}`);
  return token;
};

/** Gitea's own calls sign in with a JWT that only says when it was made; its signature is not looked at. */
const internalToken = (): string => randomBytes(32).toString("hex");

const answering = async (url: string, server: ChildProcess): Promise<void> => {
  for (let tried = 0; tried < 300; tried += 1) {
    if (server.exitCode !== null) throw new Error(`Gitea ended with exit code ${server.exitCode}.`);
    const response = await fetch(`${url}/api/v1/version`).catch(() => null);
    if (response?.ok) return;
    await wait(100);
  }
  server.kill("SIGKILL");
  throw new Error("Gitea does not answer after 30 s.");
};

const stop = async (server: ChildProcess, folder: string): Promise<void> => {
  const ended = server.exitCode === null ? once(server, "exit") : Promise.resolve();
  // Nothing in here is worth a graceful end, which takes many seconds.
  server.kill("SIGKILL");
  await ended;
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
};
