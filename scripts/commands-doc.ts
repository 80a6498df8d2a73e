import { readFile, writeFile } from "node:fs/promises";
import { COMMON_OPTIONS, type OptionSpec } from "../src/cli/command.ts";
import { TABLE } from "../src/cli/table.ts";
import { GRAMMAR } from "../src/config/comment-grammar.ts";
import { COMMANDS } from "../src/model/command.ts";
import { table, withParts } from "./generated-part.ts";

const PAGE = new URL("../docs/commands.md", import.meta.url);

/** `docs/commands.md` with what the grammar and the command table say. */
export const commandsDocument = (page: string): string =>
  withParts(page, { "comment-flags": commentFlags(), terminal: terminal(), options: options() });

const commentFlags = (): string =>
  byMeaning(
    ["flag", "meaning", "of"],
    COMMANDS.flatMap((name) =>
      GRAMMAR[name].flags.map(
        ({ short, long, value, about }): Option => ({
          of: name,
          text: `${short ? `-${short}, ` : ""}--${long}${value ? ` ${value}` : ""}`,
          about,
        }),
      ),
    ),
  );

interface Option {
  readonly of: string;
  readonly text: string;
  readonly about: string;
}

/** Options of the same text and meaning in one row, for all of their commands. */
const byMeaning = (head: readonly string[], options: readonly Option[]): string =>
  table(
    head,
    [...Map.groupBy(options, ({ text, about }) => `${text}\n${about}`).values()].map((all) => [
      `\`${all[0]?.text}\``,
      all[0]?.about ?? "",
      all.map(({ of }) => `\`${of}\``).join(", "),
    ]),
  );

const terminal = (): string =>
  table(
    ["command", "does", "more"],
    TABLE.map(({ words, argsUsage, about }) => [
      `\`${["plumbline", ...words, argsUsage].join(" ").trim()}\``,
      about,
      MORE[words.join(" ")] ?? MORE[words[0] ?? ""] ?? "",
    ]),
  );

/** Where a command, or all of its group, is told of. */
const MORE: Readonly<Record<string, string>> = {
  inspect: "[risk](risk.md)",
  codify: "[codify](codify.md)",
  "config import-atlantis": "[Atlantis](atlantis.md)",
  "config check": "[config](config.md)",
  sql: "[sql](sql.md)",
  policy: "[policy](policy.md)",
  serve: "[operations](operations.md)",
  evidence: "[evidence](evidence.md)",
  backup: "[backup](backup.md)",
  freeze: "[how to](how-to/freeze.md)",
  token: "[how to](how-to/rotate-tokens.md)",
  unlock: "[how to](how-to/unlock.md)",
  "runs confirm-dead": "[apply](apply.md)",
  audit: "[security](security.md#access-over-http)",
  alert: "[alerts](alerts.md)",
};

const options = (): string =>
  byMeaning(
    ["option", "meaning", "of"],
    TABLE.flatMap(({ words, options: own }) =>
      Object.entries({ ...own, ...COMMON_OPTIONS }).map(
        ([name, spec]): Option => ({
          of: Object.hasOwn(COMMON_OPTIONS, name) ? "all" : words.join(" "),
          text: `${spec.short ? `-${spec.short}, ` : ""}${flag(name, spec)}`,
          about: spec.about,
        }),
      ),
    ),
  ).replaceAll(/`all`(, `all`)+/g, "all");

const flag = (name: string, { value, type }: OptionSpec): string =>
  `--${name}${value ? ` ${value}` : ""}${type === "texts" ? " ..." : ""}`;

if (import.meta.main) await writeFile(PAGE, commandsDocument(await readFile(PAGE, "utf8")));
