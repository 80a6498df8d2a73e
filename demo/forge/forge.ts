import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Permission } from "../../src/model/pull.ts";
import { type Actor, actAs, findRepo } from "./actor.ts";
import { type Hub, openHub, waitFor } from "./hub.ts";
import { signatureOf } from "./merging.ts";
import { pushing } from "./pushes.ts";
import { createRepository, type Files } from "./repository.ts";
import { openServer } from "./server.ts";
import {
  type Comment,
  currentStatuses,
  isPull,
  type Person,
  type Protection,
  type PullThread,
  type Repo,
  type RequestEntry,
  type Status,
  type Thread,
} from "./state.ts";
import type { Switches } from "./switches.ts";
import type { Delivery } from "./webhooks.ts";

export interface ForgeOptions {
  /** Folder for the bare repositories; made where it is missing. */
  readonly dir: string;
  /** Loopback port; 0, the default, takes any. */
  readonly port?: number;
  readonly now?: () => Date;
}

export interface NewRepo {
  /** First commit on `main`, by the first administrator or the owner of the forge. */
  readonly files: Files;
  readonly message?: string;
}

/** GitHub on this machine, as far as Plumbline speaks with it: REST, git over HTTP, signed webhooks. */
export interface LocalForge {
  readonly origin: string;
  /** Give this to the GitHub adapter. */
  readonly apiUrl: string;
  /** A person with this permission on every repository, now and later; returns the token. */
  addUser(login: string, permission?: Permission, options?: { readonly bot?: boolean }): string;
  /** An app installed everywhere, with an administrator's rights; it acts as `SLUG[bot]`. */
  addApp(slug: string): {
    readonly appId: string;
    readonly privateKey: string;
    readonly installationId: number;
  };
  /** Another permission on one repository. */
  setPermission(repo: string, login: string, permission: Permission): void;
  /** `ORG/TEAM` with these members and no others. */
  setTeam(team: string, logins: readonly string[]): void;
  createRepo(fullName: string, options: NewRepo): Promise<void>;
  /** What a pull request onto the branch needs from now on. */
  protect(repo: string, branch: string, needs: Partial<Protection>): void;
  as(login: string): Actor;
  pull(repo: string, number: number): PullThread;
  pulls(repo: string): readonly PullThread[];
  issues(repo: string): readonly Thread[];
  comments(repo: string, number: number): readonly Comment[];
  /** The newest of each context. */
  statuses(repo: string, commit: string): readonly Status[];
  branch(repo: string, branch: string): Promise<string | null>;
  /** Text of a file at a branch or commit, null where there is none. */
  read(repo: string, ref: string, path: string): Promise<string | null>;
  /** Resolves with the first thing found, now or after any later change; no polling. */
  waitFor<T>(what: string, look: () => T | null | undefined | false, timeoutMs?: number): Promise<T>;
  addWebhook(url: string, secret: string | null): { readonly id: number; remove(): void };
  readonly deliveries: readonly Delivery[];
  redeliver(id: number): Promise<Delivery>;
  /** Sends what `switches.webhooks = "hold"` kept back. */
  releaseWebhooks(): void;
  /** Resolves when no webhook is on its way. */
  webhooksIdle(): Promise<void>;
  readonly switches: Switches;
  readonly requests: readonly RequestEntry[];
  stop(): Promise<void>;
}

export const startForge = async (options: ForgeOptions): Promise<LocalForge> => {
  await mkdir(options.dir, { recursive: true });
  const hub = openHub(options.dir, options.now ?? (() => new Date()));
  const server = openServer(hub);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, "127.0.0.1", resolve);
  });
  hub.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const everywhere = new Map<string, Permission>();
  return {
    origin: hub.origin,
    apiUrl: `${hub.origin}/api/v3`,
    addUser(login, permission = "none", { bot = false } = {}) {
      return addPerson(hub, everywhere, login, permission, bot).token;
    },
    addApp: (slug) => addApp(hub, addPerson(hub, everywhere, `${slug}[bot]`, "admin", true)),
    setPermission(repo, login, permission) {
      findRepo(hub, repo).permissions.set(login.toLowerCase(), permission);
    },
    setTeam(team, logins) {
      hub.teams.set(team.toLowerCase(), new Set(logins.map((login) => login.toLowerCase())));
    },
    createRepo: (fullName, wish) => createRepo(hub, everywhere, fullName, wish),
    protect(repo, branch, { contexts = [], reviews = 0 }) {
      findRepo(hub, repo).protection.set(branch, { contexts, reviews });
    },
    as: (login) => actAs(hub, login),
    ...reading(hub),
    waitFor: (what, look, timeoutMs = 60_000) => waitFor(hub, what, look, timeoutMs),
    addWebhook: (url, secret) => hub.webhooks.add(url, secret),
    deliveries: hub.webhooks.deliveries,
    redeliver: (id) => hub.webhooks.redeliver(id),
    releaseWebhooks: () => hub.webhooks.release(),
    webhooksIdle: () => hub.webhooks.idle(),
    switches: hub.switches,
    requests: hub.requests,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

const addPerson = (
  hub: Hub,
  everywhere: Map<string, Permission>,
  login: string,
  permission: Permission,
  bot: boolean,
): Person => {
  // The form of GitHub's tokens, so that whatever redacts those redacts these.
  const person = { id: hub.nextId(), login, bot, token: `ghp_${randomBytes(18).toString("hex")}` };
  hub.people.set(login.toLowerCase(), person);
  everywhere.set(login.toLowerCase(), permission);
  for (const repo of hub.repos.values()) repo.permissions.set(login.toLowerCase(), permission);
  return person;
};

const addApp = (hub: Hub, bot: Person) => {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs1", format: "pem" },
  });
  const app = {
    id: hub.nextId(),
    slug: bot.login.replace("[bot]", ""),
    publicKey,
    installationId: hub.nextId(),
    bot,
  };
  hub.apps.push(app);
  return { appId: String(app.id), privateKey, installationId: app.installationId };
};

const createRepo = async (
  hub: Hub,
  everywhere: ReadonlyMap<string, Permission>,
  fullName: string,
  { files, message = "First commit" }: NewRepo,
): Promise<void> => {
  const [owner = "", name = ""] = fullName.split("/");
  const at = hub.now();
  const repo: Repo = {
    ...{ id: hub.nextId(), owner, name, fullName, parent: null, createdAt: at, pushedAt: at, nextNumber: 1 },
    git: await createRepository(join(hub.folder, owner, `${name}.git`)),
    permissions: new Map(everywhere),
    threads: new Map(),
    statuses: new Map(),
    activities: [],
    protection: new Map(),
  };
  const admin = [...everywhere].find(([, permission]) => permission === "admin")?.[0];
  const by = hub.people.get(admin ?? "") ?? { id: 0, login: owner, bot: false, token: "" };
  hub.repos.set(fullName.toLowerCase(), repo);
  const first = { branch: "main", parent: null, files, message: `${message}\n`, by: signatureOf(by), at };
  await pushing(hub, repo, by, () => repo.git.commit(first));
};

const reading = (hub: Hub) => ({
  pull(repo: string, number: number): PullThread {
    const thread = threadIn(hub, repo, number);
    if (!isPull(thread)) throw new Error(`${repo}#${number} is no pull request.`);
    return thread;
  },
  pulls: (repo: string) => [...findRepo(hub, repo).threads.values()].filter(isPull),
  issues: (repo: string) => [...findRepo(hub, repo).threads.values()].filter((thread) => !isPull(thread)),
  comments: (repo: string, number: number) => threadIn(hub, repo, number).comments,
  statuses: (repo: string, commit: string) => currentStatuses(findRepo(hub, repo), commit),
  branch: (repo: string, branch: string) => findRepo(hub, repo).git.resolve(`refs/heads/${branch}`),
  read: (repo: string, ref: string, path: string) => findRepo(hub, repo).git.read(ref, path),
});

const threadIn = (hub: Hub, repo: string, number: number): Thread => {
  const thread = findRepo(hub, repo).threads.get(number);
  if (!thread) throw new Error(`There is no ${repo}#${number}.`);
  return thread;
};
