import { expect, test } from "vitest";
import { cli } from "./world.ts";

test.each([
  ["plumbline plan -d infra -w staging", 0, { command: "plan", dir: "infra", workspace: "staging" }],
  ["run apply -p db", 0, { command: "apply", project: "db" }],
  ["atlantis apply -p db", 0, { ignored: true }],
  ["@somebody plan", 0, { ignored: true }],
  ["  plumbline plan\r\n\r\n", 0, { command: "plan" }],
  ["plumbline plan -d=infra", 0, { command: "plan", dir: "infra" }],
  [
    'plumbline plan -d "my dir" -- -var "x=a b"',
    0,
    { command: "plan", dir: "my dir", extraArgs: ["-var", "x=a b"] },
  ],
  ["plumbline", 0, { command: "help" }],
  ["plumbline apply --revert-drift", 0, { command: "apply", flags: { "revert-drift": true } }],
  ["plumbline plan -- -target=aws_x.y", 0, { command: "plan", extraArgs: ["-target=aws_x.y"] }],
  ["looks good to me", 0, { ignored: true }],
  ["", 0, { ignored: true }],
  ["plumbline plan\nplease", 0, { ignored: true }],
])("%j", async (text, code, wanted) => {
  const json = await cli(["command", text, "--json"]);
  expect({ code: json.code, read: JSON.parse(json.out), err: json.err }).toEqual({
    code,
    read: wanted,
    err: "",
  });
  const plain = await cli(["command", text]);
  expect(JSON.parse(plain.out)).toEqual(wanted);
});

test("trigger words of the service's environment are heard", async () => {
  const env = { PLUMBLINE_TRIGGER_WORDS: "infra,atlantis" };
  expect((await cli(["command", "atlantis plan", "--json"], { env })).out).toBe('{"command":"plan"}\n');
  expect((await cli(["command", "plumbline plan", "--json"], { env })).out).toBe('{"ignored":true}\n');
});

test.each([
  ["plumbline plan -d a -p b", "cannot be used together"],
  ["plumbline plan -x", "unknown flag -x"],
  ["plumbline plan 'open", "never closed"],
  ["terraform plan", "`plumbline` instead of `terraform`"],
  ["plumbline plan -d ../x", "leads out of the repository"],
  ["plumbline plan -- -state=x", "not allowed"],
])("%j is an error that says why, and exit 2", async (text, why) => {
  const { code, out } = await cli(["command", text, "--json"]);
  expect({ code, keys: Object.keys(JSON.parse(out)) }).toEqual({ code: 2, keys: ["error"] });
  expect(JSON.parse(out).error).toContain(why);
});

test("a wrong command is an answer, and exit 2", async () => {
  const { code, out } = await cli(["command", "plumbline plann", "--json"]);
  expect(code).toBe(2);
  expect(JSON.parse(out).error).toContain("plann");
});

test("a comment that is not quoted, or is missing, is wrong arguments", async () => {
  expect((await cli(["command", "plumbline", "plan"])).code).toBe(64);
  expect((await cli(["command"])).code).toBe(64);
});

test("a comment that begins with a dash goes behind --", async () => {
  expect((await cli(["command", "--json", "--", "--help"])).out).toBe('{"ignored":true}\n');
});
