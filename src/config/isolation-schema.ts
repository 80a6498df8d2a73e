import { z } from "zod";
import type { AccountLimit, CredentialRule, CredentialSettings, SandboxConfig } from "../model/isolation.ts";
import { parseDuration } from "./duration.ts";
import { durationRule, filledRule, ruled } from "./leaf-rules.ts";
import { variableName } from "./server-rules.ts";

export const absoluteRule = ruled((path) =>
  path.startsWith("/") && !path.split("/").includes("..")
    ? undefined
    : "Write an absolute path without `..`.",
);

const hostRule = ruled((host) =>
  /^(\*\.)?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*(:\d{1,5})?$/.test(host)
    ? undefined
    : "Write HOST or *.HOST, with :PORT where it is not 443.",
);

/** No credentials go over a line that others read, and none stand in an address. */
const gitUrlRule = ruled((text) =>
  /^https:\/\/[A-Za-z0-9.-]+(:\d+)?(\/[\w./-]*)?$/.test(text)
    ? undefined
    : "Write https://HOST/ or a path below it, without user and password.",
);

export const sandboxSchema = z
  .strictObject({
    mode: z
      .enum(["auto", "required", "off"])
      .optional()
      .describe("auto: where bubblewrap works here, and said where not; required: no start without it."),
    read: z.array(absoluteRule).optional().describe("Paths that every run may read beside its own."),
    write: z.array(absoluteRule).optional().describe("Paths that every run may write."),
    egress: z
      .array(hostRule)
      .optional()
      .describe("Hosts that runs may reach, by HTTPS through a proxy only; any where left out."),
  })
  .describe("Engines see their own run and nothing else of the machine.");

const most = z.int().min(1).max(1000);
const patterns = z.array(filledRule).min(1);

export const accountsSchema = z
  .array(
    z.strictObject({
      name: filledRule.describe("For people."),
      workspaces: patterns.describe("Keys such as acme/infra//prod#default, with `*` for anything."),
      plans: most.optional().describe("Plans, looks for drift and state commands at once."),
      applies: most.optional().describe("Applies at once."),
    }),
  )
  .describe("Cloud accounts, and how many runs may work in each at once, over all replicas.");

const settings = z.strictObject({
  env: z.record(variableName, z.string()).optional().describe("Variables, as they are."),
  env_from: z.array(variableName).optional().describe("Variables of the service that are handed on."),
  files: z
    .record(variableName, absoluteRule)
    .optional()
    .describe("Files by the variable that names them; each run gets a private copy."),
  command: z
    .array(filledRule)
    .min(1)
    .optional()
    .describe("Argument vector of a command that prints credentials as JSON (docs/credentials.md)."),
  command_env: z.array(variableName).optional().describe("Variables of the service that it may see."),
  timeout: durationRule.optional().describe("How long it may take: 30s where left out."),
  git: z
    .array(
      z.strictObject({
        url: gitUrlRule.describe("https://HOST/ or a path below it."),
        username: filledRule.optional().describe("x-access-token where left out."),
        password: filledRule.describe("Token or password."),
      }),
    )
    .optional()
    .describe("Credentials for modules from private repositories."),
});

export const credentialsSchema = z
  .array(
    z.strictObject({
      workspaces: patterns.optional().describe("Keys with `*` for anything; all where left out."),
      plan: settings.optional().describe("For plans and looks for drift."),
      apply: settings.optional().describe("For applies alone."),
    }),
  )
  .describe("Credentials of runs; all entries that fit count, later ones over earlier ones.");

export const sandboxOf = (yaml: z.infer<typeof sandboxSchema>): SandboxConfig => ({
  mode: yaml.mode ?? "auto",
  read: yaml.read ?? [],
  write: yaml.write ?? [],
  egress: yaml.egress ?? null,
});

export const accountsOf = (yaml: z.infer<typeof accountsSchema>): readonly AccountLimit[] =>
  yaml.map(({ name, workspaces, plans, applies }) => ({
    name,
    workspaces,
    plans: plans ?? null,
    applies: applies ?? null,
  }));

export const credentialsOf = (yaml: z.infer<typeof credentialsSchema>): readonly CredentialRule[] =>
  yaml.map(({ workspaces, plan, apply }) => ({
    workspaces: workspaces ?? ["*"],
    plan: plan ? settingsOf(plan) : null,
    apply: apply ? settingsOf(apply) : null,
  }));

const settingsOf = (yaml: z.infer<typeof settings>): CredentialSettings => ({
  env: yaml.env ?? {},
  envFrom: yaml.env_from ?? [],
  files: yaml.files ?? {},
  command: yaml.command ?? null,
  commandEnv: yaml.command_env ?? [],
  timeoutSeconds: (parseDuration(yaml.timeout ?? "30s") ?? 30_000) / 1000,
  git: (yaml.git ?? []).map(({ url, username, password }) => ({
    url,
    username: username ?? "x-access-token",
    password,
  })),
});
