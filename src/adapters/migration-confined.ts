import { existsSync, readdirSync, realpathSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import type { ProcessSpec } from "./engine-process.ts";
import type { JdbcConnection } from "./jdbc-url.ts";
import type { Sandbox } from "./sandbox.ts";

export interface ConfinedProgram {
  readonly path: string;
  /** What Java and its start script may see of the environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Null: a person's own terminal, or a machine without one. */
  readonly sandbox: Sandbox | null;
}

export interface ConfinedCall {
  readonly args: readonly string[];
  /** Where the password is. */
  readonly env: Readonly<Record<string, string>>;
  /** Empty but for what is written there for this call: no settings of the checkout's are read. */
  readonly cwd: string;
  /** The folder of migrations, which it may read. */
  readonly dir: string;
  /** The database; null: it works offline. */
  readonly connection: JdbcConnection | null;
  /** It writes to the database: whatever else ends, it goes on. */
  readonly outlives: boolean;
}

type Start = Pick<ProcessSpec, "binary" | "args" | "env" | "behindBwrap">;

/**
 * The start of a migration tool, inside the sandbox where there is one: it reads the folder of migrations, itself and
 * its Java, writes to an empty folder, and connects to its database and nothing else.
 */
export const confinedTool = (program: ConfinedProgram, call: ConfinedCall): Start => {
  const env = { ...program.env, ...call.env };
  const { connection, cwd, outlives } = call;
  if (program.sandbox === null) return { binary: program.path, args: call.args, env };
  const wrapped = program.sandbox.wrap(program.path, call.args, {
    cwd,
    read: [call.dir, ...placesOf(program), ...(connection?.files ?? [])],
    write: [cwd],
    outlives,
    reach: connection === null ? [] : [connection.place],
  });
  const { binary, args, behindBwrap, socks } = wrapped;
  const java = socks === null ? {} : throughProxy(env, socks);
  return { binary, args, env: { ...env, ...wrapped.env, ...java }, behindBwrap };
};

/** Start scripts hand one of them to Java. Loopback is beyond the proxy too: inside there is nothing on it. */
const throughProxy = (
  env: Readonly<Record<string, string>>,
  { host, port }: { readonly host: string; readonly port: number },
): Record<string, string> => {
  const settings = `-DsocksProxyHost=${host} -DsocksProxyPort=${port} -DsocksNonProxyHosts=`;
  const more = (name: string): string => `${env[name] ?? ""} ${settings}`.trim();
  return { JAVA_ARGS: more("JAVA_ARGS"), JAVA_OPTS: more("JAVA_OPTS") };
};

/** The tool's folder, for its libraries lie beside its program, and Java's, whose settings may lie in /etc. */
const placesOf = ({ path, env }: ConfinedProgram): readonly string[] => {
  const homes = [env["JAVA_HOME"], javaOn(env["PATH"] ?? "")].filter((home) => home !== undefined);
  const settings = existsSync("/etc") ? readdirSync("/etc").filter((name) => name.startsWith("java")) : [];
  return [
    ...(existsSync(path) ? [dirname(realpathSync(path))] : []).filter((folder) => folder !== "/"),
    ...homes.map((home) => (existsSync(home) ? realpathSync(home) : home)),
    ...settings.map((name) => join("/etc", name)),
  ];
};

const javaOn = (path: string): string | undefined => {
  const java = path
    .split(delimiter)
    .map((folder) => join(folder, "java"))
    .find((program) => existsSync(program));
  return java === undefined ? undefined : dirname(dirname(realpathSync(java)));
};
