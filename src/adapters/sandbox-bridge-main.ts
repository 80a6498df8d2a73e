import { type ChildProcess, spawn } from "node:child_process";
import { connect, createServer } from "node:net";

// Inside the sandbox, where there is no network: `SOCKET PORT PROGRAM ARGUMENTS...`. Takes connections to the port of
// this namespace to the socket of the proxy outside, and runs the engine. It imports nothing of ours: nothing else is here.

const [, , socket = "", port = "", program = "", ...args] = process.argv;

const bridge = createServer((inner) => {
  const outer = connect(socket);
  inner.pipe(outer);
  outer.pipe(inner);
  for (const [one, other] of [
    [inner, outer],
    [outer, inner],
  ] as const) {
    one.on("error", () => other.destroy());
    one.on("close", () => other.destroy());
  }
});

// Before the engine is there: it may be asked to stop with its first word, and the first process of a namespace never
// hears what it does not listen to.
let running: ChildProcess | null = null;
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => running?.kill(signal));

bridge.listen(Number(port), "127.0.0.1", () => {
  const engine = spawn(program, args, { stdio: "inherit" });
  running = engine;
  engine.once("error", () => process.exit(127));
  engine.once("exit", (code) => process.exit(code ?? 137));
});
