import { describe, expect, test } from "vitest";
import { readServerConfig, type ServerSources } from "../../src/config/server-config.ts";
import type { ServerConfig } from "../../src/model/config.ts";

const least = {
  PLUMBLINE_REPO_ALLOWLIST: "acme/infra, acme/net*",
  PLUMBLINE_GITHUB_TOKEN: "t0ken",
  PLUMBLINE_WEBHOOK_SECRET: "s3cret",
};
const good = (sources: Partial<ServerSources>): ServerConfig => {
  const parsed = readServerConfig({ yamlText: null, env: least, ...sources });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.value;
};
const problems = (sources: Partial<ServerSources>): readonly string[] => {
  const parsed = readServerConfig({ yamlText: null, env: {}, ...sources });
  return parsed.ok ? [] : parsed.problems.map(({ path, message }) => `${path} | ${message}`);
};

test("three variables are enough", () => {
  expect(good({})).toMatchObject({
    repoAllowlist: ["acme/infra", "acme/net*"],
    forge: { type: "github", apiUrl: "https://api.github.com", auth: { type: "token", token: "t0ken" } },
    webhookSecrets: ["s3cret"],
    keys: [],
    triggerWords: ["plumbline"],
    drift: { schedule: "*/30 * * * *", maxOpenPulls: 5, maxSharedProofs: 20 },
    mode: "enforce",
    databaseUrl: null,
    forks: false,
    artifacts: "plumbline-data/artifacts",
  });
});

test("variables stand over the file", () => {
  const yamlText = [
    "listen: {host: 127.0.0.1, port: 9000}",
    "forge: {type: gitea, api_url: 'https://git.example/api/v1/', token: from-file}",
    "drift: {schedule: 6h, jitter: 5m}",
    "engine: {timeout: 45m, env: [AWS_REGION], plan_env: {AWS_PROFILE: reader}}",
    "concurrency: {runs: 8}",
    "polling: {enabled: yes}",
  ].join("\n");
  const config = good({
    yamlText,
    env: {
      PLUMBLINE_REPO_ALLOWLIST: "acme/*",
      PLUMBLINE_PORT: "8081",
      PLUMBLINE_FORGE_TOKEN: "from-env",
      PLUMBLINE_FORKS: "on",
      PLUMBLINE_DATA: "",
    },
  });
  expect(config).toMatchObject({
    listen: { host: "127.0.0.1", port: 8081 },
    forge: { type: "gitea", apiUrl: "https://git.example/api/v1", token: "from-env" },
    drift: { schedule: "6h", jitterSeconds: 300 },
    engine: { timeoutSeconds: 2700, env: ["AWS_REGION"], planEnv: { AWS_PROFILE: "reader" } },
    concurrency: { runs: 8 },
    forks: true,
    dataDir: "plumbline-data",
    polling: { enabled: true },
  });
});

describe("secrets", () => {
  test("lie in files too", () => {
    const files: Record<string, string> = { "/run/token": "abc\n", "/run/key": `${"0f".repeat(32)}\n` };
    const config = good({
      env: {
        ...least,
        PLUMBLINE_GITHUB_TOKEN: undefined,
        PLUMBLINE_GITHUB_TOKEN_FILE: "/run/token",
        PLUMBLINE_KEY_FILE: "/run/key",
      },
      readFile: (path) => files[path] ?? null,
    });
    expect(config.forge).toMatchObject({ auth: { token: "abc" } });
    expect(config.keys[0]?.[0]).toBe(0x0f);
    expect(config.keys[0]).toHaveLength(32);
  });

  test("a missing file, or both ways at once, is a problem", () => {
    expect(problems({ env: { ...least, PLUMBLINE_KEY_FILE: "/nowhere" } })).toEqual([
      "PLUMBLINE_KEY_FILE | The file /nowhere is empty or cannot be read.",
    ]);
    expect(problems({ env: { ...least, PLUMBLINE_GITHUB_TOKEN_FILE: "/x" } })).toEqual([
      "PLUMBLINE_GITHUB_TOKEN | Set PLUMBLINE_GITHUB_TOKEN or PLUMBLINE_GITHUB_TOKEN_FILE, not both.",
    ]);
  });

  test("are never repeated in a problem", () => {
    const said = problems({
      env: { ...least, PLUMBLINE_KEY: "short-secret", PLUMBLINE_DATABASE_URL: "mysql://u:pw@h/d" },
    }).join("\n");
    expect(said).toContain("PLUMBLINE_KEY |");
    expect(said).toContain("PLUMBLINE_DATABASE_URL |");
    expect(said).not.toMatch(/short-secret|pw@/);
  });

  test("several keys, in hex and base64", () => {
    const base64 = Buffer.alloc(32, 7).toString("base64");
    expect(
      good({ env: { ...least, PLUMBLINE_KEY: `${"ab".repeat(32)},${base64}` } }).keys.map((key) => key[0]),
    ).toEqual([0xab, 7]);
  });

  test("an app's key with its line breaks written out", () => {
    const env = {
      ...least,
      PLUMBLINE_GITHUB_TOKEN: "",
      PLUMBLINE_GITHUB_APP_ID: "12",
      PLUMBLINE_GITHUB_APP_KEY: "-----BEGIN-----\\nx\\n-----END-----",
    };
    expect(good({ env }).forge).toMatchObject({
      auth: {
        type: "app",
        appId: "12",
        privateKey: "-----BEGIN-----\nx\n-----END-----",
        installationId: null,
      },
    });
  });
});

test("every problem at once, each with its place", () => {
  const said = problems({
    yamlText: "lsten: {port: 1}\nmode: shout\nrepo_allowlist: [acme]\npublic_url: 'https://u:p@x.example'\n",
    env: { PLUMBLINE_PORT: "eighty", PLUMBLINE_DRIFT_SCHEDULE: "99 * * * *", PLUMBLINE_POLLNG: "1" },
  });
  expect(said.map((line) => line.split(" | ")[0]).sort()).toEqual([
    "PLUMBLINE_DRIFT_SCHEDULE",
    "PLUMBLINE_POLLNG",
    "PLUMBLINE_PORT",
    "forge",
    "lsten",
    "mode",
    "public_url",
    "repo_allowlist[0]",
    "webhook_secrets",
  ]);
  expect(said.join("\n")).toContain('Did you mean "listen"?');
  expect(said.join("\n")).toContain('Did you mean "PLUMBLINE_POLLING"?');
});

test("what nothing says is asked for", () => {
  expect(problems({}).map((line) => line.split(" | ")[0])).toEqual([
    "repo_allowlist",
    "webhook_secrets",
    "forge",
  ]);
  expect(problems({ env: { ...least, PLUMBLINE_WEBHOOK_SECRET: "", PLUMBLINE_POLLING: "true" } })).toEqual(
    [],
  );
  expect(problems({ env: { ...least, PLUMBLINE_GITHUB_APP_ID: "1" } })).toHaveLength(2);
  expect(
    problems({
      env: { PLUMBLINE_REPO_ALLOWLIST: "a/b", PLUMBLINE_WEBHOOK_SECRET: "x", PLUMBLINE_GITEA_TOKEN: "t" },
    }),
  ).toEqual([expect.stringContaining("forge.api_url | ")]);
});

test("a file that is no mapping", () => {
  expect(problems({ yamlText: "- a", env: least })).toHaveLength(1);
});

describe("artifacts in a bucket", () => {
  test("take an address, and path style where it is not AWS", () => {
    const env = {
      ...least,
      PLUMBLINE_ARTIFACTS: "s3://acme-plumbline/team/a",
      PLUMBLINE_S3_ENDPOINT: "http://minio:9000",
    };
    expect(good({ env })).toMatchObject({
      artifacts: "s3://acme-plumbline/team/a",
      s3: { endpoint: "http://minio:9000", region: null, pathStyle: true, sse: null, kmsKey: null },
    });
    const kms = { ...least, PLUMBLINE_ARTIFACTS: "s3://acme-plumbline", PLUMBLINE_S3_KMS_KEY: "alias/x" };
    expect(good({ env: kms })).toMatchObject({ s3: { pathStyle: false, sse: "aws:kms", kmsKey: "alias/x" } });
  });

  test.each([
    "gs://b/x",
    "s3://",
    "s3://UPPER/x",
    "s3://bucket/../x",
    "s3://bucket/a b",
    "https://x.example/b",
  ])("%s is no place", (artifacts) => {
    expect(problems({ env: { ...least, PLUMBLINE_ARTIFACTS: artifacts } })).toEqual([
      expect.stringMatching(/^PLUMBLINE_ARTIFACTS \| /),
    ]);
  });

  test("settings of a bucket without one are a problem", () => {
    expect(problems({ env: { ...least, PLUMBLINE_S3_REGION: "eu-west-1" } })).toEqual([
      expect.stringContaining("s3://BUCKET/PREFIX"),
    ]);
  });
});

test("the plan gate's own words stand over its defaults", () => {
  const { planGate } = good({
    yamlText: "plan_gate: {allow_providers: [acme/*], external: deny, http: allow}",
  });
  expect(planGate).toMatchObject({
    allowProviders: ["acme/*"],
    permission: "maintain",
    checks: { external: "deny", http: "allow", modules: "maintainer", versions: "allow" },
  });
  expect(good({}).planGate).toBeUndefined();
  expect(problems({ yamlText: "plan_gate: {extrnal: deny}", env: least })).toEqual([
    expect.stringContaining("external"),
  ]);
});

describe("retention", () => {
  test("takes durations by kind; evidence is kept for ever where nothing is said", () => {
    const { retention } = good({ yamlText: "retention: {logs: 30d, evidence_minimum: 2w, deliveries: 3d}" });
    const day = 24 * 3_600_000;
    expect(retention).toMatchObject({
      logsMs: 30 * day,
      plansMs: 30 * day,
      evidenceMs: null,
      deliveriesMs: 3 * day,
    });
  });

  test.each([
    ["{evidence: 364d}", "retention.evidence | Evidence is kept for at least 365 days"],
    ["{evidence: 10d, evidence_minimum: 20d}", "retention.evidence | Evidence is kept for at least 20 days"],
    ["{deliveries: 1h}", "retention.deliveries | "],
    ["{logs: soon}", "retention.logs | "],
  ])("%s is a problem", (retention, expected) => {
    expect(problems({ env: least, yamlText: `retention: ${retention}` })).toEqual([
      expect.stringContaining(expected),
    ]);
  });
});

test("a login takes its provider, its secret and the service's own address", () => {
  const yamlText = [
    "oidc: {issuer: 'https://login.example', client_id: plumbline}",
    "access: {grants: [{role: viewer, groups: [dev]}], session: 8h}",
  ].join("\n");
  expect(problems({ yamlText, env: least })).toEqual([
    expect.stringContaining("PLUMBLINE_OIDC_CLIENT_SECRET"),
    expect.stringMatching(/^public_url /),
  ]);
  const env = {
    ...least,
    PLUMBLINE_OIDC_CLIENT_SECRET: "s",
    PLUMBLINE_PUBLIC_URL: "https://plumbline.example",
    PLUMBLINE_ADMIN_TOKEN: "t".repeat(32),
  };
  expect(good({ yamlText, env }).access).toMatchObject({
    oidc: { clientId: "plumbline", clientSecret: "s", groupsClaim: "groups" },
    adminToken: "t".repeat(32),
    grants: [{ role: "viewer", groups: ["dev"], workspaces: ["*"] }],
    sessionSeconds: 28_800,
  });
  expect(problems({ env: { ...least, PLUMBLINE_ADMIN_TOKEN: "short" } })).toEqual([
    expect.stringMatching(/^PLUMBLINE_ADMIN_TOKEN .*32 characters/),
  ]);
});

test("traces go where OpenTelemetry's own variables say; their headers are secret", () => {
  const env = {
    ...least,
    OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4318",
    OTEL_EXPORTER_OTLP_HEADERS: "x-key=a%20b, other=c",
  };
  const config = good({ env });
  expect(config.traces).toEqual({
    endpoint: "http://127.0.0.1:4318",
    headers: { "x-key": "a b", other: "c" },
  });
  expect(JSON.stringify(config.settings)).not.toContain("a b");
  expect(good({ env: { ...least, OTEL_EXPORTER_OTLP_HEADERS: "x=y" } }).traces).toBeUndefined();
  expect(problems({ env: { ...least, OTEL_EXPORTER_OTLP_HEADERS: "nothing" } })).toEqual([
    expect.stringMatching(/^OTEL_EXPORTER_OTLP_HEADERS \|/),
  ]);
  expect(problems({ env: { ...least, OTEL_EXPORTER_OTLP_ENDPOINT: "collector:4318" } })).toHaveLength(1);
});
