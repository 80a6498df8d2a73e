import { spawn } from "node:child_process";
import type { IncomingMessage, ServerResponse } from "node:http";
import { permits } from "../../src/model/pull.ts";
import type { Hub } from "./hub.ts";
import { pushing } from "./pushes.ts";
import { type Person, permissionOf, type Repo } from "./state.ts";

/** `/OWNER/NAME.git/...` or without `.git`: git's smart HTTP, answered by `git http-backend`. */
export const GIT_PATH =
  /^\/(?<repo>[^/]+\/[^/]+?)(?:\.git)?\/(?<rest>info\/refs|git-upload-pack|git-receive-pack)$/;

export interface GitCall {
  readonly hub: Hub;
  readonly person: Person | null;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
}

export const answerGit = async (call: GitCall): Promise<void> => {
  const { hub, person, response, url } = call;
  const groups = GIT_PATH.exec(url.pathname)?.groups ?? {};
  const rest = groups["rest"] ?? "";
  const repo = hub.repos.get((groups["repo"] ?? "").toLowerCase());
  if (!person) {
    response.writeHead(401, { "www-authenticate": 'Basic realm="GitHub"' }).end();
    return;
  }
  const has = repo ? permissionOf(repo, person) : "none";
  const writes = rest === "git-receive-pack" || url.searchParams.get("service") === "git-receive-pack";
  if (!repo || !permits(has, "read")) return void response.writeHead(404).end("Repository not found.");
  if (writes && !permits(has, "write"))
    return void response.writeHead(403).end(`Permission to ${repo.fullName} denied to ${person.login}.`);
  const run = () => runBackend(call, repo, rest, person);
  // What the push moved is known to the forge before git hears that it is done.
  const { head, body } = await (rest === "git-receive-pack" ? pushing(hub, repo, person, run) : run());
  response.writeHead(head.status, head.headers).end(body);
};

interface CgiAnswer {
  readonly head: { readonly status: number; readonly headers: Record<string, string> };
  readonly body: Buffer;
}

const runBackend = async (call: GitCall, repo: Repo, rest: string, person: Person): Promise<CgiAnswer> => {
  const child = spawn("git", ["http-backend"], {
    env: { PATH: process.env["PATH"], ...cgiEnvironment(call, repo, rest, person) },
    stdio: ["pipe", "pipe", "ignore"],
  });
  // The backend may end before it has read everything.
  child.stdin.on("error", () => {});
  call.request.pipe(child.stdin);
  const parts: Buffer[] = [];
  for await (const part of child.stdout) parts.push(part as Buffer);
  return readCgi(Buffer.concat(parts));
};

const cgiEnvironment = ({ request, url }: GitCall, repo: Repo, rest: string, person: Person) => {
  const { headers } = request;
  const optional = {
    CONTENT_LENGTH: headers["content-length"],
    HTTP_CONTENT_ENCODING: headers["content-encoding"],
    GIT_PROTOCOL: headers["git-protocol"],
  };
  const given = Object.entries(optional).filter(([, value]) => typeof value === "string");
  return {
    GIT_PROJECT_ROOT: repo.git.dir,
    GIT_HTTP_EXPORT_ALL: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_CONFIG_NOSYSTEM: "1",
    PATH_INFO: `/${rest}`,
    REQUEST_METHOD: request.method ?? "GET",
    QUERY_STRING: url.search.slice(1),
    CONTENT_TYPE: headers["content-type"] ?? "",
    REMOTE_USER: person.login,
    REMOTE_ADDR: "127.0.0.1",
    ...Object.fromEntries(given),
  };
};

const readCgi = (answer: Buffer): CgiAnswer => {
  const end = answer.indexOf("\r\n\r\n");
  const headers = Object.fromEntries(
    answer
      .subarray(0, Math.max(end, 0))
      .toString()
      .split("\r\n")
      .flatMap((line) => {
        const colon = line.indexOf(":");
        return colon > 0 ? [[line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const] : [];
      }),
  );
  const { status = end < 0 ? "500" : "200", ...others } = headers;
  return { head: { status: Number.parseInt(status, 10), headers: others }, body: answer.subarray(end + 4) };
};
