import { fstatSync } from "node:fs";
import { runCli } from "./cli/run.ts";

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

process.exitCode = await runCli(process.argv.slice(2), {
  env: process.env,
  cwd: process.cwd(),
  readStdin,
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  colours: process.stdout.isTTY === true && !process.env["NO_COLOR"],
});
