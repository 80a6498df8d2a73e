import { expect, test } from "vitest";
import { exposureProblems, isLoopback } from "../../src/config/exposure.ts";
import type { AccessConfig } from "../../src/model/access.ts";

const access: AccessConfig = { oidc: null, adminToken: "x".repeat(32), grants: [], sessionSeconds: 60 };
const at = (host: string) => ({ listen: { host, port: 8080 }, webhookSecrets: [], repoAllowlist: [] });

test.each(["127.0.0.1", "127.8.9.10", "::1", "[::1]", "localhost", "LOCALHOST", "::ffff:127.0.0.1"])(
  "%s is reached by this machine alone",
  (host) => {
    expect(isLoopback(host)).toBe(true);
    expect(exposureProblems(at(host), false)).toEqual([]);
  },
);

test.each([
  "0.0.0.0",
  "::",
  "10.0.0.4",
  "127.0.0.1.evil.example",
  "localhost.evil.example",
  "1270.0.0.1",
  "127.0.0.300",
  "plumbline",
  "",
])("others may reach %s", (host) => {
  expect(isLoopback(host)).toBe(false);
  expect(exposureProblems(at(host), false)).toEqual([
    expect.stringContaining("PLUMBLINE_WEBHOOK_SECRET"),
    expect.stringContaining("PLUMBLINE_REPO_ALLOWLIST"),
    expect.stringContaining("PLUMBLINE_ADMIN_TOKEN"),
  ]);
});

test("secret, list and any way to tell who asks are enough", () => {
  const guarded = { ...at("0.0.0.0"), webhookSecrets: ["s"], repoAllowlist: ["acme/*"] };
  expect(exposureProblems(guarded, false)).toHaveLength(1);
  expect(exposureProblems(guarded, true)).toEqual([]);
  expect(exposureProblems({ ...guarded, access }, false)).toEqual([]);
});
