import { isAbsolute } from "node:path";
import { PlumblineError } from "../model/errors.ts";

/** A connection in the words of a tool that runs on Java; only `url` and `user` may be shown. */
export interface JdbcConnection {
  readonly url: string;
  readonly user: string;
  readonly password: string;
  /** `HOST:PORT`. */
  readonly place: string;
  /** Certificates and keys that the URL names. */
  readonly files: readonly string[];
}

/** Names that libpq and the driver have in common are handed on, these under another one. */
const RENAMED: Readonly<Record<string, string | null>> = {
  application_name: "ApplicationName",
  connect_timeout: "connectTimeout",
  target_session_attrs: "targetServerType",
  user: null,
  password: null,
  host: null,
  port: null,
  dbname: null,
};

const FILES = ["sslrootcert", "sslcert", "sslkey"];

/**
 * A `postgres://` URL for the driver, with settings (`lock_timeout` -> `5s`) for each of its sessions.
 * @throws `wrong-arguments` where the driver could not reach it: an embedded database, a socket
 */
export const jdbcConnection = (
  url: string,
  settings: Readonly<Record<string, string>> = {},
): JdbcConnection => {
  if (!/^postgres(ql)?:\/\//.test(url))
    throw unreachable("a server's URL (postgres://USER@HOST:PORT/DATABASE)");
  const { hostname, port, pathname, username, password, searchParams } = parsed(url);
  const host = hostname || searchParams.get("host") || "localhost";
  if (host.startsWith("/")) throw unreachable("a host to connect to; it knows no sockets");
  const place = `${host}:${port || searchParams.get("port") || "5432"}`;
  const jdbc = new URL(`x://${place}${pathname || "/"}`);
  for (const [name, value] of searchParams) {
    const known = Object.hasOwn(RENAMED, name) ? (RENAMED[name] ?? null) : name;
    if (known !== null) jdbc.searchParams.set(known, value);
  }
  const given = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`);
  const options = [searchParams.get("options") ?? "", ...given].filter((part) => part !== "").join(" ");
  if (options !== "") jdbc.searchParams.set("options", options);
  return {
    // The driver reads a plus as a plus.
    url: `jdbc:postgresql://${jdbc.href.slice("x://".length).replaceAll("+", "%20")}`,
    user: decodeURIComponent(username) || (searchParams.get("user") ?? ""),
    password: decodeURIComponent(password) || (searchParams.get("password") ?? ""),
    place: place.replaceAll(/[[\]]/g, ""),
    files: FILES.flatMap((name) => searchParams.get(name) ?? []).filter((path) => isAbsolute(path)),
  };
};

const parsed = (url: string): URL => {
  try {
    return new URL(url);
  } catch {
    throw unreachable("a URL that can be read");
  }
};

const unreachable = (wanted: string): PlumblineError =>
  new PlumblineError("wrong-arguments", `A tool that runs on Java needs ${wanted}.`);
