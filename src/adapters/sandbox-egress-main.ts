import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { egressProxy } from "./egress-proxy.ts";
import { sendToEngine } from "./engine-signal.ts";
import { SOCKET, SOCKET_FOLDER } from "./sandbox.ts";

// Outside of the sandbox, beside one engine process: `ALLOWED SOCKET-FOLDER BWRAP ARGUMENTS...`. It has its own process
// so that an apply keeps its way out when the service dies.

const [, , allowed = "[]", , bwrap = "", ...args] = process.argv;
const folder = mkdtempSync(join(tmpdir(), "plumbline-egress-"));
const proxy = egressProxy(JSON.parse(allowed) as string[], (place) => {
  process.stderr.write(`Plumbline: ${JSON.stringify(place)} is not in sandbox.egress.\n`);
});

const leave = (code: number): void => {
  rmSync(folder, { recursive: true, force: true });
  process.exit(code);
};

const start = (): void => {
  const child = spawn(
    bwrap,
    args.map((arg) => (arg === SOCKET_FOLDER ? folder : arg)),
    { stdio: "inherit" },
  );
  passSignals(child);
  child.once("error", () => leave(127));
  child.once("exit", (code, signal) => leave(code ?? (signal === null ? 1 : 137)));
};

const passSignals = (child: ChildProcess): void => {
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.on(signal, () => sendToEngine(child.pid, signal, true));
};

proxy.listen(join(folder, SOCKET), start);
