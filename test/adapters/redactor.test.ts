import { describe, expect, test } from "vitest";
import { createLog } from "../../src/adapters/log.ts";
import { createRedactor } from "../../src/adapters/redactor.ts";
import { processorTime } from "../timing.ts";

const secret = 'p@ss/w&rd"+12 ü';

describe("values that were learned", () => {
  const redactor = createRedactor();
  redactor.learn(secret);

  test.each([
    ["as it is", secret],
    ["in JSON", JSON.stringify({ a: secret })],
    ["in JSON in JSON", JSON.stringify(JSON.stringify({ a: secret }))],
    ["in a query", `https://x/?p=${encodeURIComponent(secret)}`],
    ["in base64", Buffer.from(secret).toString("base64")],
    ["in a basic header", Buffer.from(`u:${secret}`).toString("base64")],
    ["in a longer basic header", Buffer.from(`us:${secret}`).toString("base64url")],
    ["on a page", "p@ss/w&amp;rd&quot;+12 ü"],
  ])("%s", (_where, text) => {
    const out = redactor.redact(`before ${text} after`);
    expect(out).toContain("(redacted)");
    expect(out).not.toContain(text);
    expect(out.startsWith("before ")).toBe(true);
    expect(out.endsWith(" after")).toBe(true);
  });

  test("a multi-line value is hidden line by line, indented too", () => {
    const lines = createRedactor();
    lines.learn("first-line-0123\nsecond-line-4567\n}\n");
    expect(lines.redact("  | second-line-4567\n  | }\n")).toBe("  | (redacted)\n  | }\n");
  });

  test("short values are no secrets, and overlapping ones leave no tail", () => {
    const two = createRedactor();
    two.learn("true");
    two.learn("abcdef123");
    two.learn("123456xyz");
    expect(two.redact("true abcdef123456xyz.")).toBe("true (redacted).");
    expect(two.redact("abcdef123abcdef123")).not.toContain("abc");
  });

  test("engine escapes of a template are known", () => {
    const engine = createRedactor();
    const open = "$" + "{";
    engine.learn(`ab${open}cd}efgh`);
    expect(engine.redact(`x = "ab$${open}cd}efgh"`)).toBe('x = "(redacted)"');
  });
});

describe("texts that look like secrets", () => {
  const redactor = createRedactor({ patterns: [/corp-[0-9]{6}/] });
  const key = "A".repeat(20);

  test.each([
    [`token ghp_${"a1".repeat(18)} end`, "token (redacted) end"],
    [`github_pat_${"a_1".repeat(20)}`, "(redacted)"],
    ["id AKIAIOSFODNN7EXAMPLE.", "id (redacted)."],
    [`AWS_SECRET_ACCESS_KEY=${key}${key}`, "AWS_SECRET_ACCESS_KEY=(redacted)"],
    ["git clone https://me:hunter22@host/x.git", "git clone https://(redacted)@host/x.git"],
    ["postgres://app:s3cr3t@db:5432/x", "postgres://(redacted)@db:5432/x"],
    ["Authorization: Bearer abcdef0123456", "Authorization: Bearer (redacted)"],
    ['password = "hunter2-hunter2"', 'password = "(redacted)"'],
    ["a corp-123456 b corp-654321", "a (redacted) b (redacted)"],
  ])("%s", (text, clean) => {
    expect(redactor.redact(text)).toBe(clean);
    expect(redactor.redact(clean)).toBe(clean);
  });

  test("a private key is hidden whole, and to the end where its end is missing", () => {
    const block = "-----BEGIN RSA PRIVATE KEY-----\nMIIabc\n-----END RSA PRIVATE KEY-----";
    expect(redactor.redact(`a\n${block}\nb`)).toBe("a\n(redacted)\nb");
    expect(redactor.redact("a\n-----BEGIN PRIVATE KEY-----\nMIIabc")).toBe("a\n(redacted)");
  });

  test.each([
    "password = var.db_password",
    'token = "(sensitive value)"',
    "see https://example.com/a@b and git@github.com:o/r.git",
    "cost: 12 @ 3:4",
  ])("%s stays", (text) => {
    expect(redactor.redact(text)).toBe(text);
  });
});

test("megabytes of log with hundreds of secrets pass quickly", () => {
  const redactor = createRedactor();
  for (let index = 0; index < 300; index += 1) redactor.learn(`secret-value-number-${index}-${index * 7919}`);
  const line =
    "module.network.aws_subnet.private[3]: Refreshing state... [id=subnet-0123456789abcdef0] a=b://c\n";
  const text = line.repeat(40_000);
  const used = processorTime();
  expect(redactor.redact(text)).toBe(text);
  expect(used()).toBeLessThan(3_000);
});

test("a log line passes the redactor whole, with errors and their causes", () => {
  const lines: string[] = [];
  const redactor = createRedactor();
  redactor.learn("topsecretvalue");
  const log = createLog({ redactor, write: (line) => lines.push(line) }).child({ run: "run_1" });
  log.error("a run failed", { error: new Error("no", { cause: new Error("topsecretvalue") }) });
  log.debug("not shown");
  expect(lines).toHaveLength(1);
  expect(lines[0]).not.toContain("topsecretvalue");
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({ level: "error", text: "a run failed", run: "run_1" });
});
