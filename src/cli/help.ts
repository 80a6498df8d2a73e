import { PlumblineError } from "../model/errors.ts";
import { didYouMean } from "../model/similar.ts";
import { type Call, type Command, EXIT, printJson } from "./command.ts";
import { commandHelp, overallHelp, usageLine } from "./usage.ts";

/** `plumbline help [COMMAND]` */
export const helpOn =
  (table: readonly Command[]) =>
  async (call: Call): Promise<number> => {
    const asked = call.args.join(" ");
    const command = table.find(({ words }) => words.join(" ") === asked);
    if (asked !== "" && !command) {
      const names = table.map(({ words }) => words.join(" "));
      throw new PlumblineError(
        "wrong-arguments",
        `There is no command ${JSON.stringify(asked)}.${didYouMean(asked, names)}`,
      );
    }
    if (call.json) {
      const shown = command ? [command] : table;
      printJson(call, {
        commands: shown.map((one) => ({
          command: one.words.join(" "),
          usage: usageLine(one),
          about: one.about,
        })),
      });
    } else call.out(command ? commandHelp(command) : overallHelp(table));
    return EXIT.done;
  };
