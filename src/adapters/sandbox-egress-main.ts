import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { egressProxy } from "./egress-proxy.ts";
import { egressSocks } from "./egress-socks.ts";
import { sendToEngine } from "./engine-signal.ts";
import { SOCKET, SOCKET_FOLDER, type WayOut } from "./sandbox.ts";

// Outside of the sandbox, beside one engine process: `WAY-OUT SOCKET-FOLDER BWRAP ARGUMENTS...`. It has its own process
// so that an apply keeps its way out when the service dies.

const [, , out = "", , bwrap = "", ...args] = process.argv;
const folder = mkdtempSync(join(tmpdir(), "plumbline-egress-"));
const { words, allowed } = JSON.parse(out) as WayOut;
const list = words === "socks" ? "what this run may reach" : "sandbox.egress";
const proxy = (words === "socks" ? egressSocks : egressProxy)(allowed, (place) => {
  process.stderr.write(`Plumbline: ${JSON.stringify(place)} is not in ${list}.\n`);
});
// Who read it may have died; the run keeps its way out.
process.stderr.on("error", () => {});

const leave = (code: number): void => {
  rmSync(folder, { recursive: true, force: true });
  process.exit(code);
};

let running: ChildProcess | null = null;
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.on(signal, () => sendToEngine(running?.pid, signal, true));

const start = (): void => {
  const child = spawn(
    bwrap,
    args.map((arg) => (arg === SOCKET_FOLDER ? folder : arg)),
    { stdio: "inherit" },
  );
  running = child;
  child.once("error", () => leave(127));
  child.once("exit", (code, signal) => leave(code ?? (signal === null ? 1 : 137)));
};

proxy.listen(join(folder, SOCKET), start);
