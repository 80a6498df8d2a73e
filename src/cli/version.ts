import { readFile } from "node:fs/promises";
import { type Call, EXIT, printJson } from "./command.ts";

/** `plumbline version` */
export const version = async (call: Call): Promise<number> => {
  const own = await ownVersion();
  if (call.json) printJson(call, { version: own });
  else call.out(`plumbline ${own}\n`);
  return EXIT.done;
};

/** As package.json has it; it lies two folders up from the source and from what is built of it. */
export const ownVersion = async (): Promise<string> => {
  const text = await readFile(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
};
