import { z } from "zod";
import type { PlumblineError } from "../model/errors.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Redactor } from "../ports/redactor.ts";
import { giteaError } from "./gitea-errors.ts";
import { repoPath } from "./gitea-path.ts";
import { longestWaitMs, MOST_TRIES, waitAfter } from "./gitea-patience.ts";

export interface GiteaOptions {
  /** `https://HOST/api/v1`; the last part may be left out. */
  readonly apiUrl: string;
  readonly token: string;
  readonly log: Log;
  readonly clock: Clock;
  /** Learns the token. */
  readonly redactor?: Redactor;
  /** Told how many seconds the server wants everybody to wait. */
  readonly limited?: (seconds: number) => void;
  /** An answer that takes longer counts as a failure and is asked for again. */
  readonly timeoutMs?: number;
}

export interface Call<T> {
  readonly method?: "GET" | "POST" | "PATCH" | "DELETE";
  /** Below the repository's address, such as `pulls/7`; `null` as repository: below the API's. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
  readonly shape: z.ZodType<T>;
  /** For what must not be made twice: looks before each further try whether an earlier one did it after all. */
  readonly found?: () => Promise<T | null>;
}

/** Gitea's API: failures as `forge-*` errors, passing ones waited out. */
export interface GiteaClient {
  readonly clock: Clock;
  /** Where people and git go, without a slash at the end. */
  readonly web: string;
  call<T>(repo: string | null, call: Call<T>): Promise<T>;
  /** Page by page, as many as there are. */
  pages<T>(repo: string, call: Call<readonly T[]>): AsyncGenerator<readonly T[]>;
  all<T>(repo: string, call: Call<readonly T[]>): Promise<readonly T[]>;
  identity(): Promise<string>;
}

/** For answers of which nothing is read. */
export const anything: z.ZodType<unknown> = z.unknown();

export const openGitea = (options: GiteaOptions): GiteaClient => {
  const web = options.apiUrl.replace(/\/+$/, "").replace(/\/api\/v1$/, "");
  const settings = { ...options, api: `${web}/api/v1` };
  options.redactor?.learn(options.token);
  const call = async <T>(repo: string | null, one: Call<T>): Promise<T> =>
    (await persist(settings, repo, one)).value;
  const pages = <T>(repo: string, one: Call<readonly T[]>) => turnPages(settings, repo, one);
  let login: Promise<string> | undefined;
  return {
    clock: options.clock,
    web,
    call,
    pages,
    async all(repo, one) {
      const found = [];
      for await (const page of pages(repo, one)) found.push(...page);
      return found;
    },
    identity() {
      login ??= call(null, { path: "user", shape: z.object({ login: z.string() }) }).then(
        (user) => user.login,
        (thrown: unknown) => {
          login = undefined;
          throw thrown;
        },
      );
      return login;
    },
  };
};

type Settings = GiteaOptions & { readonly api: string };

interface Answer<T> {
  readonly value: T;
  readonly headers: Headers;
}

/** Some lists come whole whatever the page, some say how many there are: this ends for both. */
async function* turnPages<T>(
  settings: Settings,
  repo: string,
  call: Call<readonly T[]>,
): AsyncGenerator<readonly T[]> {
  for (let page = 1, seen = 0; ; page += 1) {
    const query = { ...call.query, page: String(page), limit: "50" };
    const { value, headers } = await persist(settings, repo, { ...call, query });
    seen += value.length;
    if (value.length > 0) yield value;
    const total = headers.get("x-total-count");
    if (value.length === 0 || (total !== null && seen >= Number(total))) return;
  }
}

const persist = async <T>(settings: Settings, repo: string | null, call: Call<T>): Promise<Answer<T>> => {
  const { clock, log } = settings;
  for (let tried = 1; ; tried += 1) {
    const attempt = await request(settings, repo, call, tried);
    if ("value" in attempt) return attempt;
    const { error, waitMs } = attempt;
    if (error.code === "forge-rate-limited" && waitMs !== null) settings.limited?.(waitMs / 1000);
    if (waitMs === null || waitMs > longestWaitMs || tried === MOST_TRIES) throw error;
    log.warn("The forge did not answer as it should; it is asked again", { ...error.detail, waitMs });
    await clock.wait(waitMs);
    const found = call.found ? await call.found() : null;
    if (found !== null) return { value: found, headers: new Headers() };
  }
};

/** What went wrong; `waitMs` null: the same request would go wrong again. */
interface Setback {
  readonly error: PlumblineError;
  readonly waitMs: number | null;
}

const request = async <T>(
  settings: Settings,
  repo: string | null,
  call: Call<T>,
  tried: number,
): Promise<Answer<T> | Setback> => {
  const method = call.method ?? "GET";
  const path = repo === null ? `/${call.path}` : repoPath(repo, call.path);
  const setback = (status: number, said: string, headers = new Headers()): Setback => ({
    error: giteaError({ about: repo ?? "the forge", status, said, method, path }),
    waitMs: waitAfter(status, headers, tried, settings.clock.now()),
  });
  const url = `${settings.api}${path}${call.query ? `?${new URLSearchParams(call.query)}` : ""}`;
  const answered = await send(settings, url, method, call.body);
  if (answered instanceof Error) return setback(0, reasonOf(answered));
  const { response, text } = answered;
  if (!response.ok) return setback(response.status, saidBy(text), response.headers);
  const parsed = call.shape.safeParse(asJson(text));
  if (parsed.success) return { value: parsed.data, headers: response.headers };
  return setback(0, "The answer is not what Gitea's API gives. Is the address right?");
};

const send = async (
  { token, timeoutMs = 30_000 }: Settings,
  url: string,
  method: string,
  body: object | undefined,
): Promise<{ response: Response; text: string } | Error> => {
  try {
    const response = await fetch(url, {
      method,
      signal: AbortSignal.timeout(timeoutMs),
      headers: {
        accept: "application/json",
        authorization: `token ${token}`,
        "user-agent": "plumbline",
        ...(body ? { "content-type": "application/json" } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    return { response, text: await response.text() };
  } catch (thrown) {
    return thrown instanceof Error ? thrown : new Error(String(thrown));
  }
};

/** `fetch failed` says nothing; its cause does (ECONNREFUSED 10.0.0.1:443). */
const reasonOf = (error: Error): string =>
  error.cause instanceof Error && error.cause.message !== "" ? error.cause.message : error.message;

const asJson = (text: string): unknown => {
  try {
    return text === "" ? null : JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** Gitea's own words; pages of a proxy in between are not repeated. */
const saidBy = (text: string): string => {
  const said = z.object({ message: z.string() }).safeParse(asJson(text));
  return said.success ? said.data.message : "";
};
