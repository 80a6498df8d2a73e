import { describe, expect, test } from "vitest";
import { diagnosticsOf, headlineOf } from "../../src/adapters/engine-diagnostics.ts";
import { engineEnvironment, secretValues } from "../../src/adapters/engine-environment.ts";
import { lockedProviders, withStableAdditions } from "../../src/adapters/engine-lockfile.ts";
import { compareVersions, satisfies } from "../../src/adapters/engine-version.ts";

describe("versions", () => {
  test.each([
    ["1.11.4", "1.11.4", true],
    ["1.11.4", "v1.11.4", true],
    ["1.11.4", "1.11", true],
    ["1.1.4", "1.11", false],
    ["1.11.4", "~> 1.9", true],
    ["2.0.0", "~> 1.9", false],
    ["1.10.0", "~> 1.9.2", false],
    ["1.9.8", "~> 1.9.2", true],
    ["1.9.1", "~> 1.9.2", false],
    ["1.9.8", ">= 1.5, < 1.10", true],
    ["1.10.0", ">= 1.5, < 1.10", false],
    ["1.10.0", "!= 1.10.0", false],
    ["1.12.0-rc1", "1.12.0", false],
    ["1.12.0-rc1", "< 1.12.0", true],
    ["1.12.0", "latest", false],
    ["1.12.0", "", true],
  ])("%s meets %j: %s", (version, wish, expected) => {
    expect(satisfies({ distribution: "terraform", version }, { version: wish })).toBe(expected);
  });

  test("are ordered by number", () => {
    const sorted = ["1.9.10", "1.10.0", "1.9.9", "1.10.0-beta1"].toSorted(compareVersions);
    expect(sorted).toEqual(["1.9.9", "1.9.10", "1.10.0-beta1", "1.10.0"]);
  });
});

describe("diagnostics", () => {
  const framed = (title: string): string => `╷\n│ ${title}\n│ \n│   on main.tf line 1\n╵\n`;

  test("are the error blocks without frames, warnings left out", () => {
    const log = `Planning...\n${framed("Warning: Old")}\nx\n${framed("Error: One")}${framed("Error: Two")}`;
    expect(diagnosticsOf(log)).toBe("Error: One\n\n  on main.tf line 1\n\nError: Two\n\n  on main.tf line 1");
    expect(headlineOf(diagnosticsOf(log))).toBe("Error: One");
  });

  test("too long, lose their beginning and keep the last error", () => {
    const log = Array.from({ length: 400 }, (_each, index) => framed(`Error: number ${index}`)).join("");
    const text = diagnosticsOf(log);
    expect(text.length).toBeLessThan(8_200);
    expect(text).toMatch(/^\(the first \d+ characters are in the log\)\n/);
    expect(text).toContain("Error: number 399");
    expect(text).not.toContain("Error: number 1\n");
  });

  test("one line without an end is shortened too", () => {
    expect(diagnosticsOf(`Error: ${"x".repeat(20_000)}`).length).toBeLessThan(8_200);
  });

  test("without any block, are the last lines", () => {
    expect(diagnosticsOf("panic: runtime error\n\ngoroutine 1\n")).toBe(
      "panic: runtime error\n\ngoroutine 1",
    );
  });
});

describe("the environment", () => {
  const env = {
    PATH: "/usr/bin",
    HOME: "/home/anna",
    SSL_CERT_FILE: "/etc/ca.pem",
    https_proxy: "http://proxy",
    AWS_PROFILE: "prod",
    TF_VAR_password: "hunter22",
    GITHUB_TOKEN: "ghp_x",
    PLUMBLINE_SECRET: "s",
    TF_LOG: "trace",
    TF_CLI_ARGS: "-destroy",
    NODE_OPTIONS: "--inspect",
    TF_WORKSPACE: "prod",
  };
  const call = { dataDir: "/data", env: { TF_VAR_size: "3" } };
  const nodePath = "/opt/node/bin/node";

  test("of a service is an allow list", () => {
    expect(engineEnvironment({ mode: "service", env, nodePath, passThrough: ["AWS_PROFILE"] }, call)).toEqual(
      {
        PATH: "/opt/node/bin:/usr/bin",
        HOME: "/home/anna",
        SSL_CERT_FILE: "/etc/ca.pem",
        https_proxy: "http://proxy",
        AWS_PROFILE: "prod",
        TF_VAR_size: "3",
        TF_IN_AUTOMATION: "1",
        TF_INPUT: "0",
        CHECKPOINT_DISABLE: "1",
        TF_DATA_DIR: "/data",
      },
    );
  });

  test("of a person is theirs, without what would turn our arguments round", () => {
    const seen = engineEnvironment({ mode: "user", env, nodePath, passThrough: [] }, call);
    expect(seen).toMatchObject({ AWS_PROFILE: "prod", TF_VAR_password: "hunter22" });
    for (const name of ["PLUMBLINE_SECRET", "TF_LOG", "TF_CLI_ARGS", "NODE_OPTIONS", "TF_WORKSPACE"])
      expect(seen).not.toHaveProperty(name);
  });

  test("a call cannot turn our own settings off", () => {
    const hostile = { dataDir: "/data", env: { TF_INPUT: "1", TF_DATA_DIR: "/elsewhere" } };
    expect(engineEnvironment({ mode: "service", env, nodePath, passThrough: [] }, hostile)).toMatchObject({
      TF_INPUT: "0",
      TF_DATA_DIR: "/data",
    });
  });

  test("has secrets in all but what is plainly none", () => {
    expect(
      secretValues({
        AWS_REGION: "eu-west-1",
        AWS_SECRET_ACCESS_KEY: "abcdef123456",
        TF_VAR_password: "hunter22",
        TF_VAR_enabled: "true",
        GOOGLE_PROJECT_ID: "my-project",
        SERVICE_TOKEN_URL: "https://user:pass@host",
      }),
    ).toEqual(["abcdef123456", "hunter22", "https://user:pass@host"]);
  });

  test("teaches a key of many lines line by line, as logs print it", () => {
    const line = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC";
    expect(secretValues({ TLS_KEY: `-----BEGIN-----\n${line}\n` })).toContain(line);
  });
});

describe("the lock file", () => {
  const entry = (type: string, hashes: readonly string[]): string =>
    `provider "registry.terraform.io/hashicorp/${type}" {\n  version     = "6.0.0"\n  hashes = [\n${hashes
      .map((hash) => `    "${hash}",\n`)
      .join("")}  ]\n}\n`;

  test("is read", () => {
    const text = `# comment\n\n${entry("aws", ["h1:one=", "zh:two"])}`;
    expect([...lockedProviders(text).values()]).toEqual([
      { address: "registry.terraform.io/hashicorp/aws", version: "6.0.0", hashes: ["h1:one=", "zh:two"] },
    ]);
  });

  test("gets entries that do not depend on where a package came from, and keeps those it had", () => {
    const before = entry("aws", ["h1:one=", "zh:two"]);
    const after = before + entry("null", ["h1:three=", "zh:four"]);
    const steady = withStableAdditions(before, after, () => "h1:three=");
    expect(steady).toBe(before + entry("null", ["h1:three="]));
  });
});
