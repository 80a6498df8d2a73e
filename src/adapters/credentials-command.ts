import { execa } from "execa";
import { PlumblineError } from "../model/errors.ts";
import type { CredentialSettings, GitCredential } from "../model/isolation.ts";
import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import type { CredentialAsk } from "../ports/credentials.ts";
import type { Redactor } from "../ports/redactor.ts";

export interface CommandAnswer {
  readonly env: Readonly<Record<string, string>>;
  /** Texts by the variable that shall name their file. */
  readonly files: Readonly<Record<string, string>>;
  readonly git: readonly GitCredential[];
  readonly expiresAt: Date | null;
}

interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly redactor: Redactor;
}

/**
 * Asks the operator's command for the credentials of one phase: the question as JSON on its input and as
 * `PLUMBLINE_WORKSPACE`, `_RUN` and `_PHASE`. What it prints is shown nowhere.
 */
export const askCommand = async (
  { env, redactor }: Surroundings,
  ask: CredentialAsk,
  command: readonly string[],
  { commandEnv, timeoutSeconds }: Pick<CredentialSettings, "commandEnv" | "timeoutSeconds">,
): Promise<CommandAnswer> => {
  const [program = "", ...args] = command;
  const known = Object.fromEntries(["PATH", "HOME", ...commandEnv].map((name) => [name, env[name]]));
  const result = await execa(program, args, {
    env: { ...known, PLUMBLINE_WORKSPACE: ask.workspace, PLUMBLINE_RUN: ask.run, PLUMBLINE_PHASE: ask.phase },
    extendEnv: false,
    input: JSON.stringify(ask),
    reject: false,
    timeout: timeoutSeconds * 1000,
    forceKillAfterDelay: 2_000,
    maxBuffer: MOST,
  });
  if (!result.failed) return readAnswer(result.stdout);
  const said = String(result.stderr ?? "")
    .trim()
    .split("\n")
    .at(-1);
  const why = result.timedOut
    ? `it gave no answer within ${timeoutSeconds} s`
    : (result.code ?? `it ended with ${result.exitCode}${said ? `: ${said}` : ""}`);
  throw failed(`The command for credentials failed: ${redactor.redact(why)}.`);
};

const MOST = 2 ** 20;
const failed = (message: string): PlumblineError => new PlumblineError("credentials-failed", message);

/**
 * Three shapes: `{env, files, git, expires_at}`, what AWS calls `credential_process`, and a plain object of variables.
 * @throws `credentials-failed`, which repeats no value.
 */
export const readAnswer = (text: string): CommandAnswer => {
  const answer = jsonOf(text);
  if (!isJsonObject(answer)) throw failed("The command for credentials printed no JSON object.");
  if ("AccessKeyId" in answer) return fromAws(answer);
  const keys = Object.keys(answer);
  if (keys.length > 0 && keys.every((key) => OURS.includes(key)))
    return {
      env: variables(answer["env"] ?? {}, "env"),
      files: variables(answer["files"] ?? {}, "files"),
      git: gitOf(answer["git"] ?? []),
      expiresAt: timeOf(answer["expires_at"]),
    };
  return { env: variables(answer, "the answer"), files: {}, git: [], expiresAt: null };
};

const OURS = ["env", "files", "git", "expires_at"];

const jsonOf = (text: string): Json => {
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw failed("The command for credentials printed no JSON.");
  }
};

const fromAws = (answer: JsonObject): CommandAnswer => {
  const { AccessKeyId: id, SecretAccessKey: secret, SessionToken: token, Expiration: end } = answer;
  if (typeof id !== "string" || typeof secret !== "string")
    throw failed("The command for credentials printed AccessKeyId without SecretAccessKey.");
  return {
    env: {
      AWS_ACCESS_KEY_ID: id,
      AWS_SECRET_ACCESS_KEY: secret,
      ...(typeof token === "string" ? { AWS_SESSION_TOKEN: token } : {}),
    },
    files: {},
    git: [],
    expiresAt: timeOf(end),
  };
};

const variables = (value: Json, where: string): Readonly<Record<string, string>> => {
  const pairs = isJsonObject(value) ? Object.entries(value) : null;
  const broken = pairs?.find(([name, one]) => !/^[A-Za-z_]\w*$/.test(name) || typeof one !== "string");
  if (!pairs || broken)
    throw failed(
      `In ${where} of the command for credentials ${broken ? `${broken[0]} is` : "there are"} no variables with texts.`,
    );
  return Object.fromEntries(pairs) as Record<string, string>;
};

const timeOf = (value: Json | undefined): Date | null => {
  if (value === undefined || value === null) return null;
  const time = typeof value === "string" ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(time)) throw failed("The end that the command for credentials names is no time.");
  return new Date(time);
};

const gitOf = (value: Json): readonly GitCredential[] => {
  if (!Array.isArray(value)) throw failed("`git` of the command for credentials is no list.");
  return value.map((one) => {
    const { url, username, password } = isJsonObject(one) ? one : {};
    if (
      typeof url !== "string" ||
      !/^https:\/\/[A-Za-z0-9.-]+(:\d+)?(\/[\w./-]*)?$/.test(url) ||
      typeof password !== "string"
    )
      throw failed("`git` of the command for credentials holds an entry without https address and password.");
    return { url, username: typeof username === "string" ? username : "x-access-token", password };
  });
};
