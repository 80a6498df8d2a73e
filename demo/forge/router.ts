import type { Permission } from "../../src/model/pull.ts";
import { permits } from "../../src/model/pull.ts";
import type { Hub } from "./hub.ts";
import { notFound, Refusal } from "./refusal.ts";
import { isPull, type Person, type PullThread, permissionOf, type Repo, type Thread } from "./state.ts";

export interface Call {
  readonly hub: Hub;
  readonly person: Person;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Parsed JSON; what is missing in it is told by the route. */
  readonly body: unknown;
  /** `Bearer` or `token` credentials as they came, for calls that an app makes as itself. */
  readonly bearer: string;
}

export interface RepoCall extends Call {
  readonly repo: Repo;
}

export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Route {
  readonly method: string;
  /** `/repos/:owner/:repo/pulls/:number`; `:x+` takes slashes too. */
  readonly path: string;
  /** Null: anybody, even without a login. */
  readonly needs: Permission | null;
  readonly answer: (call: Call) => Answer | Promise<Answer>;
}

/** A call about a repository that the person may do `needs` with. What may not be read is not there. */
export const onRepo = (
  method: string,
  path: string,
  needs: Permission,
  answer: (call: RepoCall) => Answer | Promise<Answer>,
): Route => ({
  method,
  path: `/repos/:owner/:repo${path}`,
  needs,
  answer: (call) => {
    const repo = call.hub.repos.get(`${call.params["owner"]}/${call.params["repo"]}`.toLowerCase());
    const has = repo ? permissionOf(repo, call.person) : "none";
    if (!repo || !permits(has, "read")) throw notFound();
    if (!permits(has, needs)) throw new Refusal(403, "Resource not accessible by personal access token");
    return answer({ ...call, repo });
  },
});

export interface Matched {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

export const openRouter = (routes: readonly Route[]) => {
  const compiled = routes.map((route) => ({ route, pattern: patternOf(route.path) }));
  return (method: string, path: string): Matched | null => {
    for (const { route, pattern } of compiled) {
      const found = route.method === method ? pattern.exec(path) : null;
      if (found) return { route, params: decoded(found.groups ?? {}) };
    }
    return null;
  };
};

const patternOf = (path: string): RegExp =>
  new RegExp(
    `^${path.replaceAll(/:(\w+)(\+?)/g, (_, name: string, many: string) => `(?<${name}>${many ? ".+" : "[^/]+"})`)}$`,
  );

const decoded = (groups: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(groups).map(([name, value]) => [name, decodeURIComponent(value)]));

export const numberOf = (call: Call, name: string): number => Number(call.params[name]);

export const threadOf = (call: RepoCall): Thread => {
  const thread = call.repo.threads.get(numberOf(call, "number"));
  if (!thread) throw notFound();
  return thread;
};

export const pullOf = (call: RepoCall): PullThread => {
  const thread = threadOf(call);
  if (!isPull(thread)) throw notFound();
  return thread;
};

const MOST_PER_PAGE = 100;

/** One page of a list and the `Link` header to the others, as GitHub writes it. */
export const paged = <T>({ hub, query }: Call, path: string, all: readonly T[]) => {
  const size = Math.min(Number(query.get("per_page") ?? 30) || 30, MOST_PER_PAGE);
  const page = Math.max(Number(query.get("page") ?? 1) || 1, 1);
  const last = Math.max(Math.ceil(all.length / size), 1);
  const link = (to: number, rel: string): string => {
    const target = new URLSearchParams(query);
    target.set("page", String(to));
    return `<${hub.origin}/api/v3${path}?${target}>; rel="${rel}"`;
  };
  const links = [
    ...(page > 1 ? [link(page - 1, "prev"), link(1, "first")] : []),
    ...(page < last ? [link(page + 1, "next"), link(last, "last")] : []),
  ];
  const headers: Record<string, string> = links.length > 0 ? { link: links.join(", ") } : {};
  return { items: all.slice((page - 1) * size, page * size), headers };
};
