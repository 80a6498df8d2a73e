import { parseComment } from "../config/comment.ts";
import { type Call, EXIT, printJson } from "./command.ts";

/** `plumbline command "TEXT"`: JSON either way, on one line with `--json`. */
export const comment = async (call: Call): Promise<number> => {
  const parsed = parseComment(call.args[0] ?? "");
  if (call.json) printJson(call, parsed);
  else call.out(`${JSON.stringify(parsed, null, 2)}\n`);
  return "error" in parsed ? EXIT.somethingToSay : EXIT.done;
};
