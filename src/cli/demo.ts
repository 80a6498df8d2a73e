import { playDemo } from "../../demo/main.ts";
import { type Call, EXIT, printJson } from "./command.ts";
import { ownVersion } from "./version.ts";

/** `plumbline demo`: the whole story on this machine, told on stdout with its times on stderr. */
export const demo = async (call: Call): Promise<number> => {
  const steps = await playDemo({
    env: call.env,
    version: await ownVersion(),
    keep: call.options["keep"] === true,
    say: call.json ? call.err : call.out,
    progress: call.err,
  });
  if (call.json) printJson(call, steps);
  return EXIT.done;
};
