import { resolve } from "node:path";
import { readServerConfig } from "../config/server-config.ts";
import type { ServerConfig } from "../model/config.ts";
import { PlumblineError } from "../model/errors.ts";
import { channelsHere } from "./alert-channels.ts";
import { type Call, EXIT, printable, printJson, textOption } from "./command.ts";
import { type Check, localChecks, serverChecks } from "./doctor-checks.ts";
import { readArgument, readOrNull } from "./files.ts";

/** One line of the answer; `skip` where there is nothing to check. */
interface Result {
  readonly name: string;
  readonly status: "ok" | "fail" | "skip";
  readonly message: string;
  readonly hint?: string;
}

/** `plumbline doctor`: one line per part, with the way out where it fails; 2 where one does. */
export const doctor = async (call: Call): Promise<number> => {
  const configured = await readConfiguration(call);
  const { config, results: first } = configured;
  const checks = [...localChecks(call, config), ...serverChecks(call, config), ...alertChecks(call, config)];
  const results = [...(await Promise.all(checks.map(judge))), ...first];
  const ok = results.every(({ status }) => status !== "fail");
  if (call.json) printJson(call, { ok, checks: results });
  else call.out(results.map(render).join(""));
  return ok ? EXIT.done : EXIT.somethingToSay;
};

/** One line per alert channel; none of them is told anything. */
const alertChecks = (call: Call, config: ServerConfig | null): readonly Check[] =>
  config === null
    ? []
    : channelsHere(call, config).map((one) => ({ name: `alert:${one.name}`, look: () => one.probe() }));

const judge = async ({ name, look }: Check): Promise<Result> => {
  try {
    const found = await look();
    return typeof found === "string"
      ? { name, status: "ok", message: found }
      : { name, status: "skip", ...found };
  } catch (thrown) {
    const hint = thrown instanceof PlumblineError ? thrown.hint : undefined;
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return { name, status: "fail", message, ...(hint === undefined ? {} : { hint }) };
  }
};

const render = ({ name, status, message, hint }: Result): string =>
  `${printable([status.padEnd(4), name.padEnd(13), hint ? `${message} ${hint}` : message].join("  "))}\n`;

interface Configured {
  readonly config: ServerConfig | null;
  readonly results: readonly Result[];
}

// Without any configuration the machine can be checked all the same: inspect, drift and the demo need none.
const readConfiguration = async (call: Call): Promise<Configured> => {
  const name = "configuration";
  const file = textOption(call, "config") ?? call.env["PLUMBLINE_CONFIG"];
  const given = file ?? Object.keys(call.env).find((key) => SAYS_SERVER.test(key) && call.env[key]);
  if (given === undefined) {
    const message = "There is none; give --config FILE to check what `plumbline serve` would use.";
    return { config: null, results: [{ name, status: "skip", message }] };
  }
  const yamlText = file === undefined ? null : textOf(await readArgument(call, file, "config-invalid"));
  const readText = (path: string): string | null => readOrNull(resolve(call.cwd, path));
  const parsed = readServerConfig({ yamlText, env: call.env, readFile: readText });
  if (parsed.ok)
    return { config: parsed.value, results: [{ name, status: "ok", message: "It is in order." }] };
  const results = parsed.problems.map(({ path, message }) => ({
    name,
    status: "fail" as const,
    message: path === "" ? message : `${path}: ${message}`,
  }));
  return { config: null, results };
};

/** Variables that only a server needs. */
const SAYS_SERVER = /^PLUMBLINE_(FORGE|GITHUB|GITEA|WEBHOOK|REPO|DATABASE)_/;

const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
