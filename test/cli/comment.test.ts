import { expect, test } from "vitest";
import { cli } from "./world.ts";

test.each([
  ["plumbline plan -d infra -w staging", 0, { command: "plan", dir: "infra", workspace: "staging" }],
  ["atlantis apply -p db", 0, { command: "apply", project: "db" }],
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
