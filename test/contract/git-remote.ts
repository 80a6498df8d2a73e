import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A remote as forges have it: bare repositories behind `git http-backend`, with a password. */
export interface GitRemote {
  readonly url: (repo: string) => string;
  readonly username: string;
  readonly password: string;
  /** A bare repository on the server and a clone beside it, in which a person works. */
  add(repo: string): Person;
  /** Requests so far, `GET /o/r.git/info/refs?service=git-upload-pack`. */
  readonly requests: string[];
  /** What Git LFS can be given, by SHA-256. */
  readonly large: Map<string, string>;
  close(): Promise<void>;
}

/** Somebody with a clone: writes files (null deletes), commits, pushes. */
export interface Person {
  readonly dir: string;
  readonly bare: string;
  git(...args: string[]): string;
  /** Commits and pushes to the branch; gives the commit. */
  commit(branch: string, files: Readonly<Record<string, string | null>>, message?: string): string;
  link(path: string, target: string): void;
}

const PERSON = {
  GIT_AUTHOR_NAME: "Ada",
  GIT_AUTHOR_EMAIL: "ada@example.org",
  GIT_COMMITTER_NAME: "Ada",
  GIT_COMMITTER_EMAIL: "ada@example.org",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_COUNT: "2",
  GIT_CONFIG_KEY_0: "protocol.file.allow",
  GIT_CONFIG_VALUE_0: "always",
  GIT_CONFIG_KEY_1: "init.defaultBranch",
  GIT_CONFIG_VALUE_1: "main",
};

export const startGitRemote = async (): Promise<GitRemote> => {
  const root = mkdtempSync(join(tmpdir(), "plumbline-remote-"));
  const [username, password] = ["x-access-token", "ghs_s3cretTokenOfThisTest"];
  const requests: string[] = [];
  const large = new Map<string, string>();
  const expected = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    if (request.headers.authorization === expected)
      return isLarge(request) ? giveLarge(large, request, response) : backend(root, request, response);
    response.writeHead(401, { "www-authenticate": 'Basic realm="git"' }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: (repo) => `http://127.0.0.1:${port}/${repo}.git`,
    username,
    password,
    requests,
    large,
    add: (repo) => addRepo(root, repo),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(root, { recursive: true, force: true });
    },
  };
};

const addRepo = (root: string, repo: string): Person => {
  const bare = join(root, `${repo}.git`);
  const dir = join(root, "clones", repo);
  const run = (cwd: string, ...args: string[]): string =>
    execFileSync("git", args, { cwd, encoding: "utf8", env: { ...process.env, ...PERSON }, stdio: "pipe" });
  mkdirSync(dirname(bare), { recursive: true });
  mkdirSync(dirname(dir), { recursive: true });
  run(root, "init", "--quiet", "--bare", bare);
  run(bare, "config", "http.receivepack", "true");
  run(root, "clone", "--quiet", bare, dir);
  const git = (...args: string[]): string => run(dir, ...args);
  const commit: Person["commit"] = (branch, files, message = "Change") => {
    const there = git("branch", "--list", branch) !== "";
    if (there) git("checkout", "--quiet", branch);
    else git("checkout", "--quiet", "-b", branch);
    for (const [path, content] of Object.entries(files)) {
      if (content === null) rmSync(join(dir, path), { recursive: true });
      else {
        mkdirSync(dirname(join(dir, path)), { recursive: true });
        writeFileSync(join(dir, path), content);
      }
    }
    git("add", "--all");
    git("commit", "--quiet", "--allow-empty", "-m", message);
    git("push", "--quiet", "--force", "origin", `${branch}:${branch}`);
    return git("rev-parse", "HEAD").trim();
  };
  return { dir, bare, git, commit, link: (path, target) => symlinkSync(target, join(dir, path)) };
};

const isLarge = ({ url = "" }: IncomingMessage): boolean => /\/info\/lfs\//.test(url);

/** The batch of Git LFS says where the objects are: below itself, with the repository's own login. */
const giveLarge = async (
  large: ReadonlyMap<string, string>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const { url = "", method, headers } = request;
  if (method === "GET") return void response.end(large.get(url.split("/").at(-1) ?? ""));
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const { objects } = JSON.parse(Buffer.concat(parts).toString()) as { objects: readonly { oid: string }[] };
  const place = `http://${headers.host}${url.replace(/batch$/, "")}`;
  const header = { Authorization: headers.authorization };
  const answers = objects.map((one) => ({
    ...one,
    actions: { download: { href: `${place}${one.oid}`, header } },
  }));
  response.setHeader("content-type", "application/vnd.git-lfs+json");
  response.end(JSON.stringify({ transfer: "basic", objects: answers }));
};

const backend = (root: string, request: IncomingMessage, response: ServerResponse): void => {
  const { pathname, search } = new URL(request.url ?? "/", "http://localhost");
  const child = spawn("git", ["http-backend"], {
    env: {
      PATH: process.env["PATH"],
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: "1",
      GIT_CONFIG_NOSYSTEM: "1",
      PATH_INFO: pathname,
      QUERY_STRING: search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers["content-type"],
      HTTP_CONTENT_ENCODING: request.headers["content-encoding"],
      GIT_PROTOCOL: request.headers["git-protocol"] as string | undefined,
      REMOTE_USER: "somebody",
    },
    stdio: ["pipe", "pipe", "ignore"],
  });
  request.pipe(child.stdin);
  child.stdin.on("error", () => {});
  const parts: Buffer[] = [];
  child.stdout.on("data", (part: Buffer) => parts.push(part));
  child.on("close", () => {
    const output = Buffer.concat(parts);
    const split = output.indexOf("\r\n\r\n");
    const headers = output.toString("latin1", 0, split).split("\r\n");
    const status = headers.find((line) => /^status:/i.test(line));
    for (const line of headers.filter((one) => !/^status:/i.test(one))) {
      const [name = "", ...value] = line.split(":");
      response.setHeader(name, value.join(":").trim());
    }
    response.writeHead(Number(status?.slice(8, 11) ?? 200)).end(output.subarray(split + 4));
  });
};
