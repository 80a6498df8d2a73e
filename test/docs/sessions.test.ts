import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { splitWords } from "../../src/config/shell-words.ts";
import { cli, folder } from "../cli/world.ts";
import { OPA } from "../policy/opa-here.ts";
import { pages, type Snippet, snippetsOf } from "./pages.ts";

/** A `console` block is played: what follows `$ ` is run, what it prints must be what stands below it. */
interface Step {
  readonly command: string;
  readonly expected: string;
  readonly line: number;
}

const stepsOf = ({ text, line }: Snippet): readonly Step[] =>
  text.split(/^\$ /m).flatMap((part, index, parts) => {
    if (index === 0) return [];
    const before = parts.slice(0, index).join("$ ").split("\n").length - 1;
    const [command = "", ...rest] = part.replaceAll(/\\\n\s*/g, " ").split("\n");
    return [{ command, expected: rest.join("\n").trimEnd(), line: line + 1 + before }];
  });

/** `...` stands for what differs from time to time, within a line or for whole lines. */
const looksAs = (expected: string): RegExp =>
  new RegExp(
    `^${expected
      .split("...")
      .map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&"))
      .join("[\\s\\S]*?")}$`,
  );

const sessions = pages().filter((page) => snippetsOf(page).some(({ language }) => language === "console"));

describe("sessions in the pages, played in an empty folder", () => {
  test.each(sessions)("$path", async (page) => {
    const cwd = folder();
    let code = 0;
    for (const snippet of snippetsOf(page)) {
      const file = snippet.words.at(-1);
      // `yaml plumbline plumbline.yaml`: the block is that file.
      if (file && /\.[a-z]+$/.test(file) && snippet.language !== "console") {
        mkdirSync(dirname(join(cwd, file)), { recursive: true });
        writeFileSync(join(cwd, file), snippet.text);
      }
      if (snippet.language !== "console" || (snippet.words.includes("opa") && !OPA)) continue;
      for (const { command, expected, line } of stepsOf(snippet)) {
        const ran = await play(command, cwd, code);
        code = ran.code;
        expect(ran.text.trimEnd(), `${page.path}:${line}: ${command}`).toMatch(looksAs(expected));
      }
    }
  });
});

const play = async (
  command: string,
  cwd: string,
  before: number,
): Promise<{ code: number; text: string }> => {
  if (command === "echo $?") return { code: 0, text: String(before) };
  const split = splitWords(command);
  if ("error" in split) throw new Error(split.error);
  const words = split.words.map(({ value }) => value);
  const [program, ...argv] = words[0] === "npx" ? words.slice(1) : words;
  if (program !== "plumbline") throw new Error(`A session runs plumbline alone, not ${program}.`);
  let text = "";
  const ran = await cli(argv, {
    cwd,
    onErr: (part) => {
      text += part;
    },
  });
  return { code: ran.code, text: `${ran.out}${text}` };
};
