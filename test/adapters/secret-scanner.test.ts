import { describe, expect, test } from "vitest";
import { secretScanner } from "../../src/adapters/secret-scanner.ts";
import { looksSecret } from "../../src/codify/secret-look.ts";
import { processorTime } from "../timing.ts";

// Put together here, so that no scanner takes this file for a leak.
const of = (...parts: readonly string[]): string => parts.join("");
const script = (line: string): string =>
  `#!/bin/bash\nset -eu\napt-get install -y nginx\n${line}\nsystemctl restart app\n`;
const letters = (count: number): string =>
  Array.from({ length: count }, (_, at) => "aB3dE5gH7jK9mN1pQ"[(at * 5 + (at >> 3)) % 17]).join("");
const key = (kind: string): string =>
  of(
    `-----BEGIN ${kind}PRIV`,
    "ATE KEY-----\n",
    "MIIE",
    letters(400),
    "\n",
    `-----END ${kind}PRIV`,
    "ATE KEY-----",
  );

const SECRETS: Readonly<Record<string, string>> = {
  "AWS access key pair": of(
    "export AWS_SECRET_",
    "ACCESS_KEY=",
    letters(40),
    "\nexport AWS_ACCESS_KEY_ID=AK",
    "IAZ2GSBC3D4E5F6G7H",
  ),
  "GitHub token": of("git clone https://x:gh", "p_", letters(36), "@github.com/a/b"),
  "Slack token": of("SLACK=xox", "b-123456789012-1234567890123-", letters(24)),
  "private key": key("RSA "),
  "npm token": of("echo //registry/:_auth", "Token=npm", "_", letters(36), " > .npmrc"),
  "connection string": of("DATABASE_URL=postgres", "ql://app:c0rrect-h0rse", "@db.internal.net:5432/app"),
  "Linear key": of("lin", "_api_", letters(40)),
  "Grafana token": of("glc", "_", letters(48)),
};

const SERVICE_ACCOUNT = JSON.stringify({
  type: "service_account",
  project_id: "shop",
  private_key_id: "0123456789abcdef",
  private_key: key(""),
  client_email: "app@shop.iam.gserviceaccount.com",
});

const ORDINARY: readonly string[] = [
  "arn:aws:iam::123456789012:role/app",
  "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf",
  "550e8400-e29b-41d4-a716-446655440000",
  "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
  "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
  Buffer.from("the quick brown fox jumps over the lazy dog and goes home").toString("base64"),
  "123456789012.dkr.ecr.eu-west-1.amazonaws.com/app:v1.2.3",
  "ami-0abcdef1234567890",
  "db.r6g.large",
  "https://sqs.eu-west-1.amazonaws.com/123456789012/queue",
  "https://example.com/a?b=c&d=e",
  "postgres://db.internal.net:5432/app",
  `ssh-rsa ${letters(372)} ops@example.com`,
  of("-----BEGIN CERTIFICATE-----\nMIIE", letters(400), "\n-----END CERTIFICATE-----"),
  script(of("export DB_URL=postgres://app:$", "{password}@db.internal.net/app")),
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"secretsmanager:GetSecretValue","Resource":"*"}]}',
  "Allows the token endpoint",
  "",
];

const scan = (...texts: readonly string[]): Promise<ReadonlySet<string>> =>
  secretScanner().looksSecret(new Set(texts));

describe("texts that hold a secret", () => {
  test.each(Object.entries(SECRETS))("%s, alone and in a script", async (_name, secret) => {
    expect([...(await scan(secret, script(secret)))]).toEqual([secret, script(secret)]);
  });

  test("a service account's file", async () => {
    expect(await scan(SERVICE_ACCOUNT, "plain")).toEqual(new Set([SERVICE_ACCOUNT]));
  });

  test("a comment that switches a scanner off changes nothing", async () => {
    const secret = script(of("# secret", "lint-disable\n", SECRETS["GitHub token"] ?? ""));
    expect((await scan(secret)).size).toBe(1);
  });
});

test("ordinary values are none, for the scanner and for our own look", async () => {
  expect([...(await scan(...ORDINARY))]).toEqual([]);
  expect(ORDINARY.filter(looksSecret)).toEqual([]);
});

test("nothing is kept of what was scanned", async () => {
  const marks = performance.getEntriesByType("mark").length;
  await scan(...ORDINARY, SERVICE_ACCOUNT);
  expect(performance.getEntriesByType("mark").length).toBe(marks);
});

test("a long text is judged in no time", async () => {
  const used = processorTime();
  const parts = [
    "a",
    "ab_",
    "x-",
    "password",
    "://a:",
    "https://",
    "=",
    "eyJ",
    "-----BEGIN PRIVATE KEY-----\n",
    " \n",
  ];
  await scan(...parts.map((part) => part.repeat(20_000)));
  expect(used()).toBeLessThan(5_000);
});
