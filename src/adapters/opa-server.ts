import { Agent, request } from "node:http";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { execa } from "execa";
import { PlumblineError } from "../model/errors.ts";
import { isJsonObject, type JsonObject } from "../model/json.ts";
import type { PolicyLimits } from "../ports/policy.ts";

const START_MS = 30_000;
const DEFAULT_TIMEOUT_MS = 10_000;

export interface OpaServer {
  alive(): boolean;
  /** What the entry module says, or bindings of the query's one solution; null asks for the module. Throws `policy-invalid`, `policy-timeout`, `policy-failed`. */
  query(query: string | null, input: string, limits: PolicyLimits): Promise<JsonObject>;
  stop(): Promise<void>;
}

/**
 * A long-lived OPA with one compiled bundle, on a socket that only this user may use. It sees nothing of our
 * environment, asks no network, and ends with this process.
 */
export const startOpaServer = async (binary: string, bundle: string, socket: string): Promise<OpaServer> => {
  const args = [
    ...["run", "--server", "--addr", `unix://${socket}`, "--unix-socket-perm", "700"],
    ...["--skip-version-check", "--log-level", "error", "--shutdown-grace-period", "1"],
    ...["--set", "server.decoding.max_length=1073741824"],
    ...["--bundle", "."],
  ];
  const child = execa(binary, args, {
    cwd: bundle,
    // A question leaves little behind: collecting it four times as rarely takes a quarter off the time of an answer.
    env: { GOGC: "400" },
    extendEnv: false,
    stdio: ["ignore", "ignore", "pipe"],
    reject: false,
    buffer: { stderr: true },
    maxBuffer: 1 << 20,
    forceKillAfterDelay: 2000,
  });
  const line: Line = { socket, agent: new Agent({ keepAlive: true }) };
  let ended: string | null = null;
  const over = child.then(({ stderr }) => {
    ended = String(stderr ?? "").slice(-2000);
  });
  const stop = async (): Promise<void> => {
    child.kill("SIGKILL");
    await over;
    line.agent.destroy();
  };
  await untilItAnswers(line, () => ended).catch(async (failure) => {
    await stop();
    throw failure;
  });
  return {
    alive: () => ended === null,
    query: (query, input, limits) =>
      ask(line, query, input, limits).catch(async (failure) => {
        // Whatever it still computes for a question that nobody waits for any more ends with it.
        if (failure instanceof PlumblineError && failure.code !== "policy-invalid") await stop();
        throw failure;
      }),
    stop,
  };
};

/** A connection that is kept saves a third of the time of a small plan. */
interface Line {
  readonly socket: string;
  readonly agent: Agent;
}

const untilItAnswers = async (line: Line, ended: () => string | null): Promise<void> => {
  const until = Date.now() + START_MS;
  while (Date.now() < until) {
    const said = ended();
    if (said !== null) throw died(said);
    const answer = await post(line, "GET", "/health", "", AbortSignal.timeout(1000)).catch(() => null);
    if (answer?.status === 200) return;
    await wait(10);
  }
  throw died(`it did not answer in ${START_MS / 1000} s`);
};

const died = (said: string): PlumblineError =>
  new PlumblineError("policy-failed", "OPA does not run.", { detail: { said } });

interface Asked {
  readonly result?: readonly JsonObject[] | JsonObject;
  readonly message?: string;
  readonly errors?: readonly {
    readonly message: string;
    readonly location?: { file: string; row: number };
  }[];
}

const ask = async (
  line: Line,
  query: string | null,
  input: string,
  { timeoutMs = DEFAULT_TIMEOUT_MS, signal }: PolicyLimits,
): Promise<JsonObject> => {
  const late = AbortSignal.timeout(timeoutMs);
  const stopping = signal ? AbortSignal.any([signal, late]) : late;
  const body = query === null ? `{"input":${input}}` : `{"query":${JSON.stringify(query)},"input":${input}}`;
  const path = query === null ? "/v1/data/plumbline_entry/said" : "/v1/query";
  const answer = await post(line, "POST", path, body, stopping).catch((cause: unknown) => {
    if (late.aborted)
      throw new PlumblineError("policy-timeout", `The policies took longer than ${timeoutMs} ms.`, { cause });
    if (signal?.aborted) throw new PlumblineError("interrupted", "Plumbline was stopped.", { cause });
    throw new PlumblineError("policy-failed", "OPA ended while it was asked.", { cause });
  });
  const said = parse(answer.text);
  if (answer.status !== 200) throw new PlumblineError("policy-invalid", whatFailed(said, answer.text));
  const result = Array.isArray(said.result) ? said.result[0] : said.result;
  if (isJsonObject(result)) return result;
  throw new PlumblineError("policy-failed", "OPA gave no answer.");
};

const parse = (text: string): Asked => {
  try {
    return JSON.parse(text) as Asked;
  } catch (cause) {
    throw new PlumblineError("policy-failed", "OPA gave an answer that is no JSON.", { cause });
  }
};

const whatFailed = ({ message, errors = [] }: Asked, text: string): string => {
  const lines = errors.map(({ message: why, location }) =>
    location?.file ? `${location.file.replace(/^\/+/, "")}:${location.row}: ${why}` : why,
  );
  return `A policy failed: ${lines.length > 0 ? lines.slice(0, 5).join("; ") : (message ?? text.slice(0, 500))}`;
};

const post = (
  line: Line,
  method: string,
  path: string,
  body: string,
  signal: AbortSignal,
): Promise<{ readonly status: number; readonly text: string }> =>
  new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const { socket: socketPath, agent } = line;
    const call = request({ socketPath, method, path, headers, signal, agent }, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("error", reject);
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(parts).toString("utf8") }),
      );
    });
    call.on("error", (failure: NodeJS.ErrnoException) => {
      // The other end may close a connection that was kept just as it is used again; a fresh one tells which it was.
      const closed = call.reusedSocket && failure.code === "ECONNRESET" && !signal.aborted;
      if (closed) post({ ...line, agent: new Agent() }, method, path, body, signal).then(resolve, reject);
      else reject(failure);
    });
    call.end(body);
  });

/** Unix sockets have short names: about a hundred bytes. */
export const socketIn = (folder: string): string => join(folder, "s");
