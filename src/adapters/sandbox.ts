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
}

export interface SandboxedCommand {
  readonly binary: string;
  readonly args: readonly string[];
  /** Over the engine's own. */
  readonly env: Readonly<Record<string, string>>;
}

/** Wraps the start of an engine so that it sees its own run and nothing else of this machine. */
export interface Sandbox {
  readonly egress: readonly string[] | null;
  wrap(binary: string, args: readonly string[], confinement: Confinement): SandboxedCommand;
}

export const createSandbox = (options: SandboxOptions): Sandbox => ({
  egress: options.egress,
  wrap: (binary, args, confinement) => {
    const { bwrap, nodePath, egress } = options;
    const places = placesOf(options, binary, confinement);
    if (egress === null) {
      const inside = [...flags(confinement), ...places, "--chdir", confinement.cwd, "--", binary, ...args];
      return { binary: bwrap, args: inside, env: HOME_INSIDE };
    }
    const inside = [
      ...[...flags(confinement), "--unshare-net", ...places, ...bridgePlaces],
      ...["--bind", SOCKET_FOLDER, EGRESS_FOLDER, "--chdir", confinement.cwd, "--"],
      ...[nodePath, BRIDGE, join(EGRESS_FOLDER, SOCKET), String(PROXY_PORT), binary, ...args],
    ];
    return {
      binary: nodePath,
      args: [EGRESS, JSON.stringify(egress), SOCKET_FOLDER, bwrap, ...inside],
      env: { ...HOME_INSIDE, ...PROXY_VARIABLES },
    };
  },
});

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
const PROXY_PORT = 3128;
const PROXY = `http://127.0.0.1:${PROXY_PORT}`;
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
