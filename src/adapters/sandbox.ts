import { existsSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** What one engine process may touch. Paths are absolute; what is not named is not there. */
export interface Confinement {
  readonly cwd: string;
  readonly read: readonly string[];
  readonly write: readonly string[];
  /** An apply: it goes on when this process dies, whatever else ends with it. */
  readonly outlives: boolean;
  /** `HOST:PORT` of all that it may connect to, by a SOCKS proxy; left out: as the operator says for every run. */
  readonly reach?: readonly string[];
}

export interface SandboxOptions {
  /** Absolute path of bubblewrap. */
  readonly bwrap: string;
  /** `process.execPath`. */
  readonly nodePath: string;
  /** Further paths of the operator's that every run may read, or write. */
  readonly read: readonly string[];
  readonly write: readonly string[];
  /** Hosts that a run may connect to, `HOST`, `*.HOST` or either with `:PORT`; null: the network as it is. */
  readonly egress: readonly string[] | null;
  /** False: this machine does not let us take the network away. */
  readonly cutsNetwork: boolean;
}

export interface SandboxedCommand {
  readonly binary: string;
  readonly args: readonly string[];
  /** Over the engine's own. */
  readonly env: Readonly<Record<string, string>>;
  /** Bubblewrap is the process itself, with nothing of ours around it. */
  readonly behindBwrap: boolean;
  /** Where it finds its SOCKS proxy; null: there is none. */
  readonly socks: { readonly host: string; readonly port: number } | null;
}

/** What the program outside of the sandbox lets through, and in which words it is asked. */
export interface WayOut {
  readonly words: "https" | "socks";
  readonly allowed: readonly string[];
}

/** Wraps the start of an engine so that it sees its own run and nothing else of this machine. */
export interface Sandbox {
  readonly egress: readonly string[] | null;
  readonly cutsNetwork: boolean;
  wrap(binary: string, args: readonly string[], confinement: Confinement): SandboxedCommand;
}

export const createSandbox = (options: SandboxOptions): Sandbox => ({
  egress: options.egress,
  cutsNetwork: options.cutsNetwork,
  wrap: (binary, args, confinement) => {
    const { bwrap, nodePath } = options;
    const places = placesOf(options, binary, confinement);
    const out = wayOutOf(options, confinement);
    if (out === null) {
      const inside = [...flags(confinement), ...places, "--chdir", confinement.cwd, "--", binary, ...args];
      return { binary: bwrap, args: inside, env: HOME_INSIDE, behindBwrap: true, socks: null };
    }
    const inside = [
      ...[...flags(confinement), "--unshare-net", ...places, ...bridgePlaces],
      ...["--bind", SOCKET_FOLDER, EGRESS_FOLDER, "--chdir", confinement.cwd, "--"],
      ...[nodePath, BRIDGE, join(EGRESS_FOLDER, SOCKET), String(PROXY_PORT), binary, ...args],
    ];
    const isSocks = out.words === "socks";
    return {
      binary: nodePath,
      args: [EGRESS, JSON.stringify(out), SOCKET_FOLDER, bwrap, ...inside],
      env: { ...HOME_INSIDE, ...(isSocks ? {} : PROXY_VARIABLES) },
      behindBwrap: false,
      socks: isSocks ? { host: PROXY_HOST, port: PROXY_PORT } : null,
    };
  },
});

const wayOutOf = ({ egress, cutsNetwork }: SandboxOptions, { reach }: Confinement): WayOut | null => {
  if (reach && cutsNetwork) return { words: "socks", allowed: reach };
  return egress === null ? null : { words: "https", allowed: egress };
};

/** The least that shows whether this machine lets us confine anything. */
export const probeArguments = (net: boolean): readonly string[] => [
  ...flags({ outlives: false }),
  ...(net ? ["--unshare-net"] : []),
  ...systemPlaces(),
  ...["--", "/bin/sh", "-c", "exit 0"],
];

const EGRESS = fileURLToPath(new URL("./sandbox-egress-main.ts", import.meta.url));
const BRIDGE = fileURLToPath(new URL("./sandbox-bridge-main.ts", import.meta.url));
// Node reads from it that the bridge is a module.
const PACKAGE = fileURLToPath(new URL("../../package.json", import.meta.url));
/** Stands for the folder that the program outside makes for its socket. */
export const SOCKET_FOLDER = "%EGRESS%";
const EGRESS_FOLDER = "/run/plumbline";
export const SOCKET = "egress.sock";
const PROXY_HOST = "127.0.0.1";
const PROXY_PORT = 3128;
const PROXY = `http://${PROXY_HOST}:${PROXY_PORT}`;
const PROXY_VARIABLES = {
  ...{ HTTPS_PROXY: PROXY, https_proxy: PROXY, HTTP_PROXY: PROXY, http_proxy: PROXY },
  ...{ ALL_PROXY: PROXY, all_proxy: PROXY, NO_PROXY: "", no_proxy: "" },
};
const HOME_INSIDE = { HOME: "/tmp/home", TMPDIR: "/tmp" };

const flags = ({ outlives }: Pick<Confinement, "outlives">): readonly string[] => [
  ...["--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"],
  // The engine itself is what ends the sandbox, and what a signal reaches.
  ...["--as-pid-1", "--cap-drop", "ALL"],
  ...(outlives ? [] : ["--die-with-parent"]),
];

// Links such as /bin -> usr/bin are made again; whatever lies behind is shown where it is.
const SYSTEM = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store"];
const SETTINGS = [
  ...[
    "ssl",
    "pki",
    "ca-certificates",
    "crypto-policies",
    "alternatives",
    "resolv.conf",
    "hosts",
    "host.conf",
  ],
  ...["nsswitch.conf", "passwd", "group", "localtime", "timezone", "services", "protocols", "mime.types"],
  ...["ld.so.cache", "ld.so.conf", "ld.so.conf.d", "os-release", "gai.conf", "terminfo"],
];

const systemPlaces = (): readonly string[] => [
  ...SYSTEM.flatMap((path) => ["--ro-bind-try", path, path]),
  ...SETTINGS.flatMap((name) => ["--ro-bind-try", `/etc/${name}`, `/etc/${name}`]),
  ...resolverPlaces(),
  ...["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--dir", "/tmp/home"],
];

// systemd and others put it behind a link out of /etc.
const resolverPlaces = (): readonly string[] => {
  try {
    const real = realpathSync("/etc/resolv.conf");
    return real.startsWith("/etc/") ? [] : ["--ro-bind-try", real, real];
  } catch {
    return [];
  }
};

const bridgePlaces = ["--ro-bind", BRIDGE, BRIDGE, "--ro-bind", PACKAGE, PACKAGE];

/** Later mounts cover earlier ones: what may be written comes last. */
const placesOf = (
  { nodePath, read, write }: SandboxOptions,
  binary: string,
  confinement: Confinement,
): readonly string[] => {
  const programs = [binary, nodePath].flatMap((path) => [path, realOf(path)]);
  const reads = [...programs, ...read, ...confinement.read];
  return [
    ...systemPlaces(),
    ...[...new Set(reads)].flatMap((path) => ["--ro-bind-try", path, path]),
    ...[...new Set([...write, ...confinement.write])].flatMap((path) => ["--bind-try", path, path]),
  ];
};

const realOf = (path: string): string => (existsSync(path) ? realpathSync(path) : path);
