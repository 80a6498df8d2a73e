import { fstatSync } from "node:fs";
import { runCli } from "./cli/run.ts";
import { asPlumblineError } from "./model/errors.ts";

// Whoever reads us may stop reading (`| head`): that is no failure of ours.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (failure: NodeJS.ErrnoException) => {
    process.exit(failure.code === "EPIPE" ? Number(process.exitCode ?? 0) : 1);
  });
}

const readStdin = async (): Promise<Uint8Array> => {
  if (isClosed(0)) return new Uint8Array();
  const parts: Uint8Array[] = [];
  for await (const part of process.stdin) parts.push(part as Uint8Array);
  return Buffer.concat(parts);
};

const isClosed = (descriptor: number): boolean => {
  try {
    fstatSync(descriptor);
    return false;
  } catch {
    return true;
  }
};

const stopSignal = (): AbortSignal => {
  const stop = new AbortController();
  for (const name of ["SIGTERM", "SIGINT"] as const) {
    process.on(name, () => {
      if (stop.signal.aborted) process.exit(name === "SIGINT" ? 130 : 143);
      stop.abort(name);
    });
  }
  return stop.signal;
};

// What escapes every command is a bug of ours, told in the same form as any other error.
process.on("uncaughtException", (thrown) => {
  process.stderr.write(`plumbline: ${thrown.message}\n${asPlumblineError(thrown).hint}\n`);
  process.exit(1);
});

process.exitCode = await runCli(process.argv.slice(2), {
  env: process.env,
  cwd: process.cwd(),
  readStdin,
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  colours: process.stdout.isTTY === true && !process.env["NO_COLOR"],
  interactive: process.stderr.isTTY === true,
  ...(process.stdout.isTTY ? { width: process.stdout.columns } : {}),
  stopSignal,
});
