import { resolve } from "node:path";
import { createRedactor } from "../adapters/redactor.ts";
import { PlumblineError } from "../model/errors.ts";
import { exportedEvidence } from "../run/evidence-record.ts";
import { readRunLog } from "../run/read-log.ts";
import type { Operation } from "../web/api/operation.ts";
import { OPERATIONS } from "../web/api/operations.ts";
import { API } from "../web/api/perform.ts";
import { type Call, textOption } from "./command.ts";
import { readOrNull } from "./files.ts";
import { recordsPlace, withRecords } from "./open-records.ts";

export interface Question {
  /** Of an operation of the API. */
  readonly name: string;
  /** What its path names. */
  readonly id?: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
}

/**
 * The answer to one question of the API as JSON has it: from `--server URL` (or PLUMBLINE_SERVER) over HTTP, else from the
 * service's records.
 */
export const ask = async <Answer>(call: Call, question: Question): Promise<Answer> => {
  const operation = OPERATIONS.find(({ name }) => name === question.name);
  if (!operation) throw new PlumblineError("bug", `There is no operation ${question.name}.`);
  const server = serverOf(call);
  const answer =
    server === null
      ? await askRecords(call, operation, question)
      : await send(call, server, "GET", addressOf(operation.path, question));
  return answer as Answer;
};

/** Null: the records are read themselves. */
export const serverOf = (call: Call): string | null => {
  const given = textOption(call, "server") ?? call.env["PLUMBLINE_SERVER"];
  if (given === undefined || given === "" || call.options["data"] !== undefined) return null;
  if (!/^https?:\/\//.test(given) || !URL.canParse(given))
    throw new PlumblineError(
      "wrong-arguments",
      `--server takes an address such as https://plumbline.example.com.`,
    );
  return given.replace(/\/+$/, "");
};

/** One request with the token; what the service says is wrong is thrown as the error that it is. */
export const send = async (
  call: Call,
  server: string,
  method: "GET" | "POST",
  path: string,
  body?: object,
): Promise<unknown> => {
  const token = tokenOf(call);
  const reply = await fetch(`${server}${API}${path}`, {
    method,
    redirect: "error",
    signal: AbortSignal.timeout(60_000),
    headers: {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(body ? { "content-type": "application/json" } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  }).catch((cause: unknown) => {
    throw new PlumblineError("server-unavailable", `${server} does not answer.`, { cause });
  });
  const answer: unknown = await reply.json().catch(() => null);
  if (reply.ok && answer !== null) return answer;
  throw refusedBy(server, reply.status, answer);
};

const refusedBy = (server: string, status: number, answer: unknown): PlumblineError => {
  const { detail, hint } = (answer ?? {}) as { readonly detail?: unknown; readonly hint?: unknown };
  if (typeof detail !== "string")
    return new PlumblineError(
      "server-unavailable",
      `${server} answered ${status}, and not as Plumbline does.`,
    );
  const code =
    status === 404
      ? "not-found"
      : status === 400
        ? "wrong-arguments"
        : status < 404
          ? "not-allowed"
          : "server-unavailable";
  return new PlumblineError(code, detail, typeof hint === "string" ? { hint } : {});
};

const tokenOf = (call: Call): string | null => {
  const file = textOption(call, "token-file");
  if (file === undefined) return call.env["PLUMBLINE_TOKEN"]?.trim() || null;
  const text = readOrNull(resolve(call.cwd, file))?.trim();
  if (text) return text;
  throw new PlumblineError("wrong-arguments", `${file} holds no token, or cannot be read.`);
};

export const addressOf = (path: string, { id = "", query = {} }: Omit<Question, "name">): string => {
  const given = Object.entries(query).filter((one): one is [string, string] => one[1] !== undefined);
  const search = new URLSearchParams(given).toString();
  return `${path.replace("{id}", encodeURIComponent(id))}${search === "" ? "" : `?${search}`}`;
};

/** Records hold no configuration. */
const askedOfService = async (): Promise<never> => {
  throw new PlumblineError("wrong-arguments", "Only a running service knows this: give --server URL.");
};

const askRecords = async (
  call: Call,
  operation: Operation,
  { id = "", query = {} }: Question,
): Promise<unknown> => {
  const read = operation.query.safeParse(query);
  if (!read.success) {
    const problems = read.error.issues.map(({ path, message }) => `--${path.join(".")}: ${message}`);
    throw new PlumblineError("wrong-arguments", problems.join("; "));
  }
  return withRecords(await recordsPlace(call), async (records) => {
    const world = { ...records, redactor: createRedactor() };
    const answer = await operation.ask(
      {
        ...{ read: records.read, visible: ["*"], settings: [], now: () => new Date() },
        log: (run, wish) => readRunLog(world, run, wish),
        ...{ channels: askedOfService, policies: askedOfService, freezes: askedOfService },
        evidence: (run) => exportedEvidence(records, run),
        evidenceGiven: async () => {},
      },
      { ...read.data, id },
    );
    return JSON.parse(JSON.stringify(answer)) as unknown;
  });
};
