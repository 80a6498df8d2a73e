import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CommentOptions, parseComment } from "../../src/config/comment.ts";
import { COMMANDS } from "../../src/model/command.ts";
import { processorTime } from "../timing.ts";

const errorOf = (text: string, options?: CommentOptions): string => {
  const parsed = parseComment(text, options);
  return "error" in parsed ? parsed.error : `no error, but ${JSON.stringify(parsed)}`;
};

describe("who is called", () => {
  test.each([
    "",
    "   \n ",
    "a",
    "nice work",
    "This shouldn't error, but it doesn't call us",
    "plumbline plan\nbut with more lines",
    "terraform plan\nand more",
    "```\nplumbline plan\n```",
    "> plumbline plan",
    "please plumbline plan",
    "@somebody plan",
    "@ plan",
  ])("%j is ignored", (text) => {
    expect(parseComment(text, { botUser: "plumb-bot" })).toEqual({ ignored: true });
  });

  test.each([
    "plumbline plan",
    "atlantis plan",
    "run plan",
    "@plumb-bot plan",
    "@Plumb-Bot plan",
    "Plumbline Plan",
    "PLUMBLINE PLAN",
    "plumbline plan\n",
    "plumbline plan\r\n\r\n",
    "\nplumbline plan\n",
    "\r\nplumbline plan",
    "`plumbline plan`",
    "`  plumbline plan  `",
    "```plumbline plan```",
    "  `plumbline plan",
    "plumbline\tplan",
    "plumbline plan # for the new bucket",
  ])("%j is plan", (text) => {
    expect(parseComment(text, { botUser: "plumb-bot[bot]" })).toEqual({ command: "plan" });
  });

  test("only configured trigger words call", () => {
    const options = { triggerWords: ["terra-prod"] };
    expect(parseComment("terra-prod plan", options)).toEqual({ command: "plan" });
    expect(parseComment("plumbline plan", options)).toEqual({ ignored: true });
    expect(parseComment("atlantis plan", { triggerWords: ["plumbline"] })).toEqual({ ignored: true });
    expect(parseComment("terra-prd plan", options), "no guesses near a custom word").toEqual({
      ignored: true,
    });
  });

  test.each([
    ["terraform plan", "`plumbline` instead of `terraform`"],
    ["Terraform", "`plumbline` instead of `Terraform`"],
    ["plumline plan", "`plumbline` instead of `plumline`"],
    ["atlantsi plan", "`atlantis` instead of `atlantsi`"],
  ])("%j asks back", (text, expected) => {
    expect(errorOf(text)).toContain(expected);
  });
});

describe("help", () => {
  test.each([
    "plumbline",
    "run",
    "plumbline help",
    "plumbline -h",
    "plumbline --help",
    "plumbline help me out",
  ])("%j", (text) => {
    expect(parseComment(text)).toEqual({ command: "help" });
  });

  test.each([
    "plumbline help apply",
    "plumbline apply -h",
    "plumbline apply --help",
    "plumbline apply x --help",
  ])("%j", (text) => {
    expect(parseComment(text)).toEqual({ command: "help", args: ["apply"] });
  });

  test("after -- it is the engine's", () => {
    expect(parseComment("plumbline plan -- -h")).toEqual({ command: "plan", extraArgs: ["-h"] });
  });
});

describe("flags", () => {
  const all = { dir: "dir", workspace: "ws", flags: { verbose: true } };
  test.each([
    ["-d dir -w ws --verbose", all],
    ["--dir dir --workspace ws --verbose", all],
    ["--dir=dir --workspace=ws --verbose=true", all],
    ["-ddir -wws --verbose", all],
    ["-d=dir -w=ws --verbose", all],
    ["-d other -d dir -w ws --verbose", all],
    ["-d \"dir\" -w 'ws' --verbose", all],
    ["\t-d\tdir  -w   ws\t--verbose", all],
    ["-p project", { project: "project" }],
    ["-p eu/prod", { project: "eu/prod" }],
    ["--verbose=false", {}],
    ["--verbose --verbose=0", {}],
    ["-d ''", {}],
    ["-p '' -d dir", { dir: "dir" }],
    ['-d "dir with space"', { dir: "dir with space" }],
    ["--", {}],
    ["-w ws -- -d dir --verbose", { workspace: "ws", extraArgs: ["-d", "dir", "--verbose"] }],
    ["-- arg one -two --three &&", { extraArgs: ["arg", "one", "-two", "--three", "&&"] }],
    ["-- -var 'foo=a b' -var=x=$HOME", { extraArgs: ["-var", "foo=a b", "-var=x=$HOME"] }],
    ['-- -target=aws_x.y["a b"]', { extraArgs: ['-target=aws_x.y["a b"]'] }],
    ["-- '-target=aws_x.y[\"k\"]'", { extraArgs: ['-target=aws_x.y["k"]'] }],
  ])("plan %s", (flags, expected) => {
    expect(parseComment(`plumbline plan ${flags}`)).toEqual({ command: "plan", ...expected });
  });

  test.each([
    ["plan -e", "unknown flag -e"],
    ["plan --abc", "unknown flag --abc"],
    ["plan --drr x", 'Did you mean "--dir"?'],
    ["plan -d", "-d needs DIR after it"],
    ["plan --workspace", "--workspace needs NAME after it"],
    ["plan --verbose=maybe", "neither true nor false"],
    ["plan ---x", "---x is no flag"],
    ["plan --=x", "--=x is no flag"],
    ["plan arg", "unknown argument(s): arg"],
    ["plan arg -d . arg2 -- x", "unknown argument(s): arg arg2"],
    ["plan -p x -d y", "cannot be used together"],
    ["plan -p x -w y", "cannot be used together"],
    ["plan 'never closed", "a ' is never closed"],
    ['plan "never closed', 'a " is never closed'],
    ["plan \\", "ends after a backslash"],
    ["unlock -d .", "unknown flag -d"],
    ["unlock now", "unknown argument(s): now"],
    ["cancel all", "unknown argument(s): all"],
    ["import addr", "too few arguments"],
    ["import a b c", "unknown argument(s): c"],
    ["state", "needs rm or push"],
    ["state rm", "too few arguments"],
    ["state mv a b", "has no `mv`"],
    ["approve", "too few arguments"],
    ["force-unlock", "too few arguments"],
    ["ignore", "too few arguments"],
    ["ignore a.b --for ever", "is no time"],
    ["apply --auto-merge-method sqash", "one of merge, rebase, squash"],
    ["apply --auto-merge-disabled --auto-merge-method squash", "cannot be used together"],
    ["paln", 'Did you mean "plan"?'],
    ["appely apply", 'Did you mean "apply"?'],
  ])("%s is an error that shows the usage", (text, expected) => {
    const error = errorOf(`plumbline ${text}`);
    expect(error).toContain(expected);
    if (!/never closed|backslash/.test(expected)) expect(error).toContain("Usage: plumbline");
  });

  test("a merge method needs GitHub", () => {
    const text = "plumbline apply --auto-merge-method squash";
    expect(parseComment(text, { forge: "github" })).toEqual({
      command: "apply",
      flags: { "auto-merge-method": "squash" },
    });
    expect(errorOf(text, { forge: "gitea" })).toContain("not available on gitea");
  });

  test("commands can be switched off", () => {
    const options = { allowCommands: ["plan", "apply"] as const };
    expect(errorOf("plumbline import a b", options)).toContain("Unknown command `import`");
    expect(parseComment("plumbline help", options)).toEqual({ command: "help" });
  });
});

describe("folders", () => {
  test.each([
    ["/", "."],
    [".", "."],
    ["./", "."],
    ["/adir", "adir"],
    ["./adir/", "adir"],
    ["a//b/./c/..", "a/b"],
    ["/..", "."],
    ["modules/*", "modules/*"],
    ["./stacks/prod-?-*", "stacks/prod-?-*"],
    ["/stacks/**", "stacks/**"],
    ["'env[0-9]/*'", "env[0-9]/*"],
  ])("-d %s is %s", (typed, dir) => {
    expect(parseComment(`plumbline plan -d ${typed}`)).toEqual({ command: "plan", dir });
  });

  test.each(["..", "./..", "a/../..", "a/b/../../..", "../x", "'../*'", "'modules/../*'", "'modules/[open'"])(
    "-d %s is refused",
    (typed) => {
      expect(errorOf(`plumbline plan -d ${typed}`)).toContain("-d/--dir");
    },
  );
});

describe("workspaces", () => {
  test.each([
    "a;id",
    "a&&id",
    "a|id",
    "a`id`b",
    "a>b",
    "a=b",
    "a:b",
    "a@b",
    "a+b",
    "_foo",
    ".hidden",
    "prod",
  ])("-w %s is only a name", (workspace) => {
    expect(parseComment(`plumbline plan -w ${workspace}`)).toEqual({ command: "plan", workspace });
  });

  test.each([
    "..",
    "/",
    "..abc",
    "abc..",
    "a..b",
    "../../etc/passwd",
    "~",
    "~root",
    "a$HOME",
    "a$(id)b",
    ".",
    "'a b'",
  ])("-w %s is refused", (workspace) => {
    expect(errorOf(`plumbline plan -w ${workspace}`)).toContain("invalid workspace");
  });

  test("a name never becomes a flag", () => {
    expect(errorOf("plumbline plan -w -chdir=x")).toContain("invalid workspace");
  });
});

describe("our own commands", () => {
  test.each([
    ["drift -d network", { command: "drift", dir: "network" }],
    ["formalize", { command: "formalize" }],
    ['formalize aws_sg.x["a b"]', { command: "formalize", args: ['aws_sg.x["a b"]'] }],
    ["formalize 'aws_sg.x[\"a b\"]'", { command: "formalize", args: ['aws_sg.x["a b"]'] }],
    ['formalize aws_sg.x[\\"k\\"]', { command: "formalize", args: ['aws_sg.x["k"]'] }],
    [
      'formalize module.m["x"].aws_sg.y[0] -p net',
      { command: "formalize", project: "net", args: ['module.m["x"].aws_sg.y[0]'] },
    ],
    ['revert aws_sg.x["a\\"b"].tags', { command: "revert", args: ['aws_sg.x["a\\"b"].tags'] }],
    [
      'ignore aws_sg.x.tags["a.b"] --for 14d --reason "until the move"',
      { command: "ignore", args: ['aws_sg.x.tags["a.b"]'], flags: { for: "14d", reason: "until the move" } },
    ],
    ["approve pd1:00ff", { command: "approve", args: ["pd1:00ff"] }],
    ["apply --revert-drift", { command: "apply", flags: { "revert-drift": true } }],
    ["approve_policies --policy-set cost", { command: "approve_policies", flags: { "policy-set": "cost" } }],
    [
      "approve_policies --clear-policy-approval",
      { command: "approve_policies", flags: { "clear-policy-approval": true } },
    ],
    ["unlock", { command: "unlock" }],
    ["cancel", { command: "cancel" }],
    [
      "import 'some[\"addr\"]' id -w ws -- -var a=b",
      { command: "import", workspace: "ws", args: ['some["addr"]', "id"], extraArgs: ["-var", "a=b"] },
    ],
    ["state -d x rm a b", { command: "state", dir: "x", args: ["rm", "a", "b"] }],
    ["state push", { command: "state", args: ["push"] }],
    [
      'state abandon -d a --reason "seen"',
      { command: "state", dir: "a", args: ["abandon"], flags: { reason: "seen" } },
    ],
    ["force-unlock 0a1b-2c", { command: "force-unlock", args: ["0a1b-2c"] }],
    ["version -p x", { command: "version", project: "x" }],
  ])("%s", (text, expected) => {
    expect(parseComment(`plumbline ${text}`)).toEqual(expected);
  });
});

describe("blocked engine flags", () => {
  test.each([
    "-chdir=../x",
    "--chdir=/tmp",
    "-chdir",
    "-plugin-dir=/x",
    "--plugin-dir",
    "-state=x",
    "-state-out=x",
    "-out=x",
    "--backend-config=x",
  ])("%s", (flag) => {
    expect(errorOf(`plumbline plan -- ${flag}`)).toContain(`\`${flag}\` is not allowed`);
    expect(errorOf(`plumbline import a b -- ${flag}`)).toContain("is not allowed");
  });

  test("the list can be replaced", () => {
    const options = { blockedExtraArgs: ["-no-color"] };
    expect(errorOf("plumbline plan -- --no-color", options)).toContain("is not allowed");
    expect(parseComment("plumbline plan -- -chdir=x", options)).toEqual({
      command: "plan",
      extraArgs: ["-chdir=x"],
    });
  });
});

describe("whatever is typed", () => {
  const pieces = fc.constantFrom(
    "plumbline",
    "plan",
    "-d",
    "--",
    "'",
    '"',
    "\\",
    " ",
    "\n",
    "`",
    "[",
    "{a,",
    "#",
    "$x",
    "..",
    "état",
    "=",
  );
  const typed = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(fc.oneof(pieces, fc.string()), { maxLength: 30 }).map((parts) => `plumbline ${parts.join("")}`),
    fc
      .tuple(fc.constantFrom(...COMMANDS), fc.string())
      .map(([command, text]) => `plumbline ${command} ${text}`),
  );

  test("parseComment answers in one of three shapes and never throws", () => {
    fc.assert(
      fc.property(typed, (text) => {
        const parsed = parseComment(text);
        expect(["command", "error", "ignored"].filter((key) => key in parsed)).toHaveLength(1);
      }),
      { numRuns: 1000 },
    );
  });

  test.each(["constructor", "toString", "__proto__"])("`%s` is no word of the grammar", (word) => {
    for (const text of [`plumbline ${word}`, ...COMMANDS.map((command) => `plumbline ${command} ${word}`)])
      expect(() => parseComment(text)).not.toThrow();
    expect(parseComment(`plumbline ${word}`)).toHaveProperty("error");
  });

  test("a folder that is taken never leaves the repository", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("..", ".", "/", "a", "*", "\\", "{", "[", "]"), { maxLength: 12 }),
        (parts) => {
          const parsed = parseComment(`plumbline plan -d '${parts.join("")}'`);
          if ("dir" in parsed && parsed.dir) expect(parsed.dir).not.toMatch(/^\/|^\.\.|(^|\/)\.\.(\/|$)/);
        },
      ),
      { numRuns: 1000 },
    );
  });

  test("a long comment is read at once", () => {
    const used = processorTime();
    for (const part of ["-", "'", '"', "\\", "{", "[a-", '["', "`", "a ", "*"]) {
      parseComment(`plumbline plan -d ${part.repeat(60_000 / part.length)}`);
      parseComment(`plumbline formalize x${part.repeat(60_000 / part.length)}`);
    }
    expect(used()).toBeLessThan(4_000);
  });
});

test.each([
  ["blanks", " "],
  ["backticks", "`"],
  ["quotes", "'"],
  ["brackets", "["],
  ["dashes", "-"],
  ["line breaks", "\n"],
])("a comment as long as forges allow, all %s within, is read at once", (_, character) => {
  const used = processorTime();
  for (const text of [
    `plumbline plan -d a${character.repeat(65_000)}b`,
    `hello ${character.repeat(65_000)}b`,
  ])
    parseComment(text);
  expect(used()).toBeLessThan(1_000);
});
