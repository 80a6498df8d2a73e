import { parseComment } from "../config/comment.ts";
import { type Call, EXIT, printJson } from "./command.ts";

/** `plumbline command "TEXT"`: as the service would hear it; JSON either way, on one line with `--json`. */
export const comment = async (call: Call): Promise<number> => {
  const parsed = parseComment(call.args[0] ?? "", { triggerWords: triggerWords(call) });
  if (call.json) printJson(call, parsed);
  else call.out(`${JSON.stringify(parsed, null, 2)}\n`);
  return "error" in parsed ? EXIT.somethingToSay : EXIT.done;
};

const triggerWords = ({ env }: Call): readonly string[] => {
  const given = (env["PLUMBLINE_TRIGGER_WORDS"] ?? "").split(/[,\s]+/).filter((word) => word !== "");
  return given.length > 0 ? given : ["plumbline"];
};
