import { describe, expect, test } from "vitest";
import { parseArguments } from "../../src/cli/arguments.ts";
import type { Command } from "../../src/cli/command.ts";
import { TABLE } from "../../src/cli/table.ts";
import { cli } from "./world.ts";

const drift: Command = {
  words: ["drift"],
  argsUsage: "[DIR]",
  argsCount: [0, 1],
  about: "look for drift",
  options: {
    engine: { type: "text", value: "NAME", about: "engine" },
    "var-file": { type: "texts", value: "F", about: "variables" },
    all: { type: "switch", about: "noise too" },
  },
  load: async () => async () => 0,
};
const table = [...TABLE, drift];
const parse = (...argv: string[]) => {
  const { command, args, options } = parseArguments(argv, table);
  return { command: command.words.join(" "), args, options };
};

describe("reading arguments", () => {
  test("options before, between and after, with and without =", () => {
    const wanted = {
      command: "drift",
      args: ["dir"],
      options: { engine: "tofu", "var-file": ["a", "b"], all: true, json: true },
    };
    expect(
      parse("drift", "dir", "--engine", "tofu", "--var-file=a", "--var-file", "b", "--all", "--json"),
    ).toEqual(wanted);
    expect(
      parse("--json", "drift", "--all", "--var-file", "a", "--engine=tofu", "--var-file", "b", "dir"),
    ).toEqual(wanted);
  });

  test("what follows -- is never an option", () => {
    expect(parse("inspect", "--", "--json")).toEqual({ command: "inspect", args: ["--json"], options: {} });
  });

  test("- is a file", () => {
    expect(parse("inspect", "-", "--json")).toEqual({
      command: "inspect",
      args: ["-"],
      options: { json: true },
    });
  });

  test.each([
    [[], "help"],
    [["--help"], "help"],
    [["-h"], "help"],
    [["help"], "help"],
    [["drift", "--help"], "help"],
    [["inspect", "-h"], "help"],
    [["--version"], "version"],
    [["-v"], "version"],
    [["version"], "version"],
    [["config", "check"], "config check"],
  ])("%j calls %s", (argv, command) => {
    expect(parse(...argv).command).toBe(command);
  });

  test.each([
    [["inspekt"], 'There is no command "inspekt". Did you mean "inspect"?'],
    [["config"], "config needs a word after it: check or import-atlantis."],
    [["config", "chekc"], 'config has no "chekc": check or import-atlantis.'],
    [["inspect"], "inspect needs PLAN.json|-."],
    [["inspect", "a", "b"], 'inspect has no use for "b".'],
    [["inspect", "a", "--jsn"], 'inspect has no option --jsn. Did you mean "--json"?'],
    [["inspect", "a", "--json=yes"], "--json takes no value."],
    [["inspect", "a", "-x"], "inspect has no option -x."],
    [["drift", "--engine"], "--engine needs terraform|tofu after it."],
    [["drift", "--engine", "--all"], "--engine needs terraform|tofu after it."],
    [["drift", "--engine="], "--engine needs terraform|tofu after it."],
    [["drift", "--engine", "a", "--engine", "b"], "--engine is given twice."],
    [["drift", "--constructor"], "drift has no option --constructor."],
    [["--nonsense"], "help has no option --nonsense."],
    [["version", "x"], 'version has no use for "x".'],
    [[""], 'There is no command "".'],
  ])("%j is refused in one sentence", (argv, message) => {
    expect(() => parse(...argv)).toThrow(expect.objectContaining({ code: "wrong-arguments", message }));
  });
});

describe("telling errors", () => {
  test("wrong arguments: exit 64, nothing on stdout, the usage as the way out", async () => {
    const { code, out, err } = await cli(["inspect"]);
    expect({ code, out }).toEqual({ code: 64, out: "" });
    expect(err).toBe(
      "plumbline: inspect needs PLAN.json|-.\nUsage: plumbline inspect PLAN.json|- [--json]\n",
    );
  });

  test("with --json the error is the one document on stdout", async () => {
    for (const argv of [
      ["inspect", "--json"],
      ["--json", "nope"],
      ["version", "--json", "--nope"],
    ]) {
      const { code, out } = await cli(argv);
      expect(code).toBe(64);
      expect(JSON.parse(out)).toEqual({
        error: { code: "wrong-arguments", message: expect.any(String), hint: expect.any(String) },
      });
    }
  });

  test("a bug of ours is one line without a stack, and exit 1", async () => {
    const { runCli } = await import("../../src/cli/run.ts");
    const broken: Command = {
      ...drift,
      load: async () => async () => {
        throw new TypeError("x is not a function");
      },
    };
    let err = "";
    const code = await runCli(
      ["drift"],
      {
        env: {},
        cwd: "/",
        readStdin: async () => new Uint8Array(),
        out: () => {},
        err: (text) => {
          err += text;
        },
        colours: false,
        stopSignal: () => AbortSignal.any([]),
      },
      [broken],
    );
    expect(code).toBe(1);
    expect(err).toContain("x is not a function");
    expect(err).not.toMatch(/\n\s+at /);
  });
});

describe("help and version", () => {
  test("help lists every command", async () => {
    const { code, out } = await cli(["help"]);
    expect(code).toBe(0);
    for (const { words } of TABLE) expect(out).toContain(`  ${words.join(" ")}`);
  });

  test("help on one command, also by --help", async () => {
    const one = await cli(["help", "config", "check"]);
    expect(one.code).toBe(0);
    expect(one.out).toContain("plumbline config check [FILE|-] [--json]");
    expect((await cli(["config", "check", "--help"])).out).toBe(one.out);
    expect((await cli(["help", "nope"])).code).toBe(64);
  });

  test("help and version as JSON", async () => {
    expect(JSON.parse((await cli(["help", "--json"])).out).commands).toHaveLength(TABLE.length);
    expect(JSON.parse((await cli(["version", "--json"])).out)).toEqual({
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
    });
    expect((await cli(["--version"])).out).toMatch(/^plumbline \d+\.\d+\.\d+\n$/);
  });
});
