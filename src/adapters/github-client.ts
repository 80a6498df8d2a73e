import { createPrivateKey } from "node:crypto";
import { createAppAuth } from "@octokit/auth-app";
import { retry } from "@octokit/plugin-retry";
import { throttling } from "@octokit/plugin-throttling";
import { Octokit } from "@octokit/rest";
import type { ForgeConfig } from "../model/config.ts";
import { PlumblineError } from "../model/errors.ts";
import type { Log } from "../ports/log.ts";
import type { Redactor } from "../ports/redactor.ts";
import { asForgeError } from "./github-errors.ts";
import { isLoopback, throttle } from "./github-throttle.ts";

export interface GithubOptions {
  /** `https://api.github.com`, or `https://HOST/api/v3` of an Enterprise Server. */
  readonly apiUrl: string;
  readonly auth: Extract<ForgeConfig, { type: "github" }>["auth"];
  readonly log: Log;
  /** Learns every token that is handed out. */
  readonly redactor?: Redactor;
  /** GitHub's manners between writes (1 s, 3 s where people are notified). Default: yes, except on this machine. */
  readonly polite?: boolean;
  /** Milliseconds that one second of back-off lasts; tests make it short. */
  readonly secondMs?: number;
  /** Told how many seconds GitHub wants everybody to wait. */
  readonly limited?: (seconds: number) => void;
  /** An answer that takes longer counts as a failure and is asked for again. */
  readonly timeoutMs?: number;
}

// A type, not an interface: Octokit takes only objects of which all keys are known.
export type Place = { readonly owner: string; readonly repo: string };

/** GitHub's API as seen from one repository: the right installation, failures as `forge-*` errors. */
export interface GithubClient {
  with<T>(repo: string, work: (api: Octokit, at: Place) => Promise<T>): Promise<T>;
  identity(): Promise<string>;
  /** A token that git may use for this one repository, short-lived where the app gives it. */
  gitToken(repo: string): Promise<string>;
}

export const openGithub = (options: GithubOptions): GithubClient => {
  const clients =
    options.auth.type === "token" ? tokenClients(options, options.auth.token) : appClients(options);
  let login: Promise<string> | undefined;
  const guarded = <T>(repo: string, work: () => Promise<T>): Promise<T> =>
    work().catch((thrown: unknown) => {
      throw asForgeError(thrown, repo, options.redactor);
    });
  return {
    with: (repo, work) => guarded(repo, async () => work(await clients.forRepo(repo), placeOf(repo))),
    identity() {
      login ??= guarded("the forge", clients.login).catch((thrown: unknown) => {
        login = undefined;
        throw thrown;
      });
      return login;
    },
    gitToken: (repo) =>
      guarded(repo, async () => {
        const token = await clients.gitToken(repo);
        options.redactor?.learn(token);
        return token;
      }),
  };
};

// Nothing that an address would read as something else, `..` above all.
const NAME = /^(?!\.{1,2}$)[\w.-]+$/;

const placeOf = (repo: string): Place => {
  const [owner = "", name = "", ...rest] = repo.split("/");
  if (!NAME.test(owner) || !NAME.test(name) || rest.length > 0)
    throw new PlumblineError("forge-not-found", `"${repo}" is not the name of a repository.`);
  return { owner, repo: name };
};

interface Clients {
  forRepo(repo: string): Promise<Octokit>;
  login(): Promise<string>;
  gitToken(repo: string): Promise<string>;
}

const tokenClients = (options: GithubOptions, token: string): Clients => {
  options.redactor?.learn(token);
  const api = openApi(options, "token", { auth: token });
  return {
    forRepo: async () => api,
    login: async () => (await api.rest.users.getAuthenticated()).data.login,
    gitToken: async () => token,
  };
};

/** One client per installation; which installation a repository belongs to is asked once. */
const appClients = (options: GithubOptions): Clients => {
  if (options.auth.type !== "app") throw new PlumblineError("bug", "An app client needs an app.");
  const { appId, installationId } = options.auth;
  // Environment variables often hold the key with its line breaks written out.
  const identity = { appId, privateKey: readableKey(options.auth.privateKey.replaceAll("\\n", "\n")) };
  const app = openApi(options, "app", { authStrategy: createAppAuth, auth: identity });
  const installations = new Map<number, Octokit>();
  const ids = new Map<string, number>();
  const findId = async (repo: string): Promise<number> => {
    const known = installationId ?? ids.get(repo);
    if (known !== undefined) return known;
    const { data } = await app.rest.apps.getRepoInstallation(placeOf(repo));
    ids.set(repo, data.id);
    return data.id;
  };
  const forRepo = async (repo: string): Promise<Octokit> => {
    const id = await findId(repo);
    const known = installations.get(id);
    if (known) return known;
    const auth = { ...identity, installationId: id };
    const opened = openApi(options, `installation-${id}`, { authStrategy: createAppAuth, auth });
    installations.set(id, opened);
    return opened;
  };
  return {
    forRepo,
    login: async () => `${(await app.rest.apps.getAuthenticated()).data?.slug}[bot]`,
    async gitToken(repo) {
      const api = await forRepo(repo);
      const wish = { type: "installation", repositoryNames: [placeOf(repo).repo] };
      const { token } = (await api.auth(wish)) as { token: string };
      return token;
    },
  };
};

const readableKey = (key: string): string => {
  try {
    createPrivateKey(key);
    return key;
  } catch {
    throw new PlumblineError("config-invalid", "The private key of the GitHub app cannot be read.", {
      hint: "Give the whole PEM file that GitHub made, from BEGIN to END.",
    });
  }
};

const PatientOctokit = Octokit.plugin(throttling, retry);

const openApi = (
  options: GithubOptions,
  id: string,
  auth: { authStrategy?: typeof createAppAuth; auth: unknown },
): Octokit => {
  const { log, secondMs = 1000, timeoutMs = 30_000 } = options;
  return new PatientOctokit({
    ...auth,
    baseUrl: options.apiUrl.replace(/\/+$/, ""),
    userAgent: "plumbline",
    // The request log is for debugging: what fails comes back as an error of ours.
    log: { debug: () => {}, info: (text: string) => log.debug(text), warn: log.debug, error: log.debug },
    request: { fetch: impatientFetch(timeoutMs) },
    throttle: throttle({
      ...{ id, log, secondMs, polite: options.polite ?? !isLoopback(options.apiUrl) },
      limited: options.limited ?? (() => {}),
    }),
    // 405, 406 and 409 are answers, not accidents.
    retry: {
      retryAfterBaseValue: secondMs,
      doNotRetry: [400, 401, 403, 404, 405, 406, 409, 410, 422, 429, 451],
    },
  });
};

const impatientFetch =
  (timeoutMs: number): typeof fetch =>
  (input, init) => {
    const timeout = AbortSignal.timeout(timeoutMs);
    const signal = init?.signal ? AbortSignal.any([init.signal, timeout]) : timeout;
    return fetch(input, { ...init, signal });
  };
