import { z } from "zod";
import {
  PLAN_CHECKS,
  PLAN_GATE,
  PLAN_VERDICTS,
  type PlanCheck,
  type PlanGatePolicy,
} from "../model/plan-gate.ts";
import { PERMISSIONS } from "../model/pull.ts";
import { filledRule } from "./leaf-rules.ts";

const verdict = z.enum(PLAN_VERDICTS);

/** What each check of the plan gate is about: the sentence of its key in the documentation. */
const CHECKS: Readonly<Record<PlanCheck, string>> = {
  providers: "Providers that the protected branch does not use.",
  provider_settings: "Settings of providers that run commands or send credentials to another host.",
  modules: "Modules from outside of the repository.",
  versions: "Other versions of known providers and modules; allow where left out.",
  external: "Data sources that run programs, and changes of those programs.",
  http: "Data sources that send requests.",
  remote_state: "Reads of states in other stores.",
  provisioners: "Provisioners and actions that run commands.",
  backend: "Backends, `cloud`, state encryption and `provider_meta`.",
  files: "Reads of files outside of the repository, or with names that are computed.",
  programs:
    "Migrations of Flyway and Liquibase that run programs or classes instead of SQL; deny where left out.",
  unreadable: "Code that cannot be read before it is planned.",
};

export const planGateSchema = z
  .strictObject({
    allow_providers: z
      .array(filledRule)
      .optional()
      .describe("Sources such as acme/*; `hashicorp/*` where left out."),
    allow_modules: z.array(filledRule).optional().describe("Sources such as git::https://github.com/acme/*."),
    permission: z
      .enum(PERMISSIONS.filter((one) => one !== "none"))
      .optional()
      .describe("What a person needs to let a held plan go on; maintain where left out."),
    ...(Object.fromEntries(
      PLAN_CHECKS.map((check) => [check, verdict.optional().describe(CHECKS[check])]),
    ) as Record<PlanCheck, z.ZodOptional<typeof verdict>>),
  })
  .describe("What a pull request may bring before anything of it is planned; maintainer where left out.");

export const planGateOf = (yaml: z.infer<typeof planGateSchema>): PlanGatePolicy => ({
  allowProviders: yaml.allow_providers ?? PLAN_GATE.allowProviders,
  allowModules: yaml.allow_modules ?? PLAN_GATE.allowModules,
  permission: yaml.permission ?? PLAN_GATE.permission,
  checks: {
    ...PLAN_GATE.checks,
    ...Object.fromEntries(PLAN_CHECKS.flatMap((check) => (yaml[check] ? [[check, yaml[check]]] : []))),
  },
});
