import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { answerGit, GIT_PATH } from "./git-http.ts";
import type { Hub } from "./hub.ts";
import { Refusal } from "./refusal.ts";
import { type Answer, openRouter } from "./router.ts";
import { appRoutes } from "./routes-apps.ts";
import { issueRoutes } from "./routes-issues.ts";
import { pullRoutes } from "./routes-pulls.ts";
import { graphqlRoutes, repoRoutes } from "./routes-repos.ts";
import type { Person } from "./state.ts";
import type { Fault } from "./switches.ts";

/** Everything under `/api/v3`. */
export const REST_ROUTES = [...appRoutes, ...repoRoutes, ...pullRoutes, ...issueRoutes];

const findRest = openRouter(REST_ROUTES);
const findGraphql = openRouter(graphqlRoutes);

/** REST under `/api/v3`, GraphQL at `/api/graphql` (an Enterprise Server's layout), git beside them. */
export const openServer = (hub: Hub): Server =>
  createServer((request, response) => {
    handle(hub, request, response).catch((error: Error) => {
      if (!response.headersSent) response.writeHead(500);
      response.end(JSON.stringify({ message: error.message }));
    });
  });

const handle = async (hub: Hub, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const url = new URL(request.url ?? "/", hub.origin);
  const { login, bearer, person } = whoAsks(hub, request);
  const path = url.pathname.replace(/^\/api\/v3/, "") || "/";
  const method = request.method ?? "GET";
  const entry = { at: hub.now(), method, path: `${path}${url.search}`, login, status: 0 };
  hub.requests.push(entry);
  response.on("close", () => {
    entry.status = response.statusCode;
    hub.changed();
  });
  if (hub.switches.down) return void request.socket.destroy();
  if (hub.switches.slowMs > 0) await wait(hub.switches.slowMs);
  const fault = hub.switches.take(`${method} ${path}`);
  if (fault && !fault.afterwards) return send(hub, response, faultAnswer(fault));
  if (GIT_PATH.test(url.pathname)) return answerGit({ hub, person, request, response, url });
  const body = await readJson(request);
  const answer = await answerApi({ hub, method, url, person, bearer, body });
  send(hub, response, fault ? faultAnswer(fault) : answer);
};

interface ApiCall {
  readonly hub: Hub;
  readonly method: string;
  readonly url: URL;
  readonly person: Person | null;
  readonly bearer: string;
  readonly body: unknown;
}

const answerApi = async ({ hub, method, url, person, bearer, body }: ApiCall): Promise<Answer> => {
  const rest = /^\/api\/v3(?<path>\/.*)$/.exec(url.pathname)?.groups?.["path"];
  const found =
    rest === undefined ? findGraphql(method, url.pathname.replace(/^\/api/, "")) : findRest(method, rest);
  if (!found) return refused(new Refusal(404, "Not Found"));
  const { route, params } = found;
  if (route.needs !== null && !person)
    return refused(new Refusal(401, bearer ? "Bad credentials" : "Requires authentication"));
  const asker = person ?? { id: 0, login: "", bot: true, token: "" };
  try {
    return await route.answer({ hub, person: asker, params, query: url.searchParams, body, bearer });
  } catch (thrown) {
    if (thrown instanceof Refusal) return refused(thrown);
    throw thrown;
  }
};

const refused = ({ status, message, errors }: Refusal): Answer => ({
  status,
  body: {
    message,
    ...(errors.length > 0 ? { errors } : {}),
    documentation_url: "https://docs.github.com/rest",
    status: String(status),
  },
});

const faultAnswer = ({ status, headers = {}, message = "Server Error" }: Fault): Answer => ({
  status,
  headers,
  body: { message, documentation_url: "https://docs.github.com/rest" },
});

const HOURLY = 5000;

const send = (hub: Hub, response: ServerResponse, { status, body, headers = {} }: Answer): void => {
  // Never used up: a limit that is reached is a switch, not an accident of a long demo.
  const used = Math.min(hub.requests.length, HOURLY - 1);
  response.writeHead(status, {
    ...(body === undefined ? {} : { "content-type": "application/json; charset=utf-8" }),
    "x-github-media-type": "github.v3; format=json",
    "x-github-request-id": randomUUID(),
    "x-ratelimit-limit": String(HOURLY),
    "x-ratelimit-remaining": String(HOURLY - used),
    "x-ratelimit-used": String(used),
    "x-ratelimit-reset": String(Math.floor(hub.now().getTime() / 1000) + 3600),
    "x-ratelimit-resource": "core",
    ...headers,
  });
  response.end(body === undefined ? undefined : JSON.stringify(body));
};

/** A token as `token`, `Bearer`, or as either half of basic authentication. */
const whoAsks = (hub: Hub, request: IncomingMessage) => {
  const [scheme = "", given = ""] = (request.headers.authorization ?? "").split(" ", 2);
  const decoded =
    scheme.toLowerCase() === "basic" ? Buffer.from(given, "base64").toString().split(":") : [given];
  const person = [...hub.people.values()].find((one) => decoded.includes(one.token)) ?? null;
  return { person, login: person?.login ?? null, bearer: given };
};

const readJson = async (request: IncomingMessage): Promise<unknown> => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const text = Buffer.concat(parts).toString();
  try {
    return text === "" ? null : JSON.parse(text);
  } catch {
    return null;
  }
};
