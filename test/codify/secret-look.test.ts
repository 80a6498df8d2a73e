import { describe, expect, test } from "vitest";
import { secretIn } from "../../src/codify/secret-in.ts";
import { looksSecret, namesSecret } from "../../src/codify/secret-look.ts";
import { processorTime } from "../timing.ts";

// Put together here, so that no scanner takes this file for a leak.
const of = (...parts: readonly string[]): string => parts.join("");

describe("what looks like a secret", () => {
  test.each([
    of("-----BEGIN RSA PRIV", "ATE KEY-----\nMIIE"),
    of("AK", "IAIOSFODNN7EXAMPLE"),
    of("gh", "p_0123456789abcdefghijABCDEFGHIJ"),
    of("gl", "pat-abcdefghij0123456789"),
    of("xox", "b-123456789012-abcdefghij"),
    of("postgres://app:", "s3cr3tpw@db.internal:5432/app"),
    of("#!/bin/sh\nexport DB_PASS", "WORD=correct-horse\n"),
    of("mysql -h db -u root -p", "hunter22 app"),
    of("Server=db;User Id=app;Pass", "word=Tr0ub4dor;"),
    of("DefaultEndpointsProtocol=https;AccountKey", "=abcdefghijklmnopqrstuvwxyz0123456789=="),
    of('{"api_', 'key": "abcdef123456"}'),
    of("Authorization: Bea", "rer abcdef1234567890"),
    of("ey", "JhbGciOiJIUzI1NiJ9.ey", "JzdWIiOiIxMjM0NTY3ODkwIn0.abcdefghijk"),
  ])("%s", (text) => {
    expect(looksSecret(text)).toBe(true);
  });

  test.each([
    "db.r6g.large",
    "arn:aws:iam::111122223333:role/app",
    "arn:aws:secretsmanager:eu-west-1:111122223333:secret:orders-AbCdEf",
    "#!/bin/sh\nmkdir -p /opt/app\napt-get install -y nginx\n",
    of("password=$", "{var.password}"),
    "https://example.com/a?b=c",
    "Allows the token endpoint",
    '{"Version":"2012-10-17","Statement":[{"Action":"secretsmanager:GetSecretValue"}]}',
    "git@github.com:owner/repo.git",
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQ ops@example.com",
  ])("not %s", (text) => {
    expect(looksSecret(text)).toBe(false);
  });
});

test("a key says that its value is secret, unless it only speaks of one", () => {
  const secret = ["password", "DB_PASSWORD", "apiKey", "client_secret", "auth_token", "masterPassword"];
  const harmless = [
    "password_policy",
    "secret_arn",
    "token_ttl",
    "kms_key_id",
    "hash_key",
    "secretName",
    "name",
    "api_key_enabled",
  ];
  expect(secret.filter((key) => !namesSecret(key))).toEqual([]);
  expect(harmless.filter(namesSecret)).toEqual([]);
});

test("secrets are found at any depth, names of secrets are none", () => {
  expect(secretIn("environment", { variables: { DB_PASSWORD: "correct horse" } })).toBe(true);
  expect(secretIn("tags", { Owner: "bob", Team: "data" })).toBe(false);
  expect(secretIn("password", "")).toBe(false);
  expect(secretIn("secret", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:x")).toBe(false);
});

test("what a scanner knows is a secret under any key, as a whole text", () => {
  const known = new Set(["looks like nothing"]);
  expect(secretIn("tags", { a: ["x", { b: "looks like nothing" }] }, known)).toBe(true);
  expect(secretIn("tags", { a: "looks like nothing else" }, known)).toBe(false);
});

test("a long text is judged in no time", () => {
  const used = processorTime();
  for (const part of ["a", "ab_", "x-", "password", "://a:", " -p", "=", "eyJ"])
    looksSecret(part.repeat(60_000));
  expect(used()).toBeLessThan(2_000);
});
