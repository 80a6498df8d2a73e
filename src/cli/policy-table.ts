import type { Command } from "./command.ts";
import { RECORDS_OPTIONS } from "./operator-table.ts";

/** What is asked of Rego policies. */
export const POLICY_COMMANDS: readonly Command[] = [
  {
    words: ["policy", "test"],
    argsUsage: "PLAN.json|-",
    argsCount: [1, 1],
    about: "ask Rego policies about a plan: deny, warn and violation rules, either dialect",
    options: {
      policy: { type: "texts", value: "DIR", about: "the folder of the rules; may be repeated" },
      namespace: { type: "texts", value: "PACKAGE", about: "only this package; may be repeated" },
      "all-namespaces": { type: "switch", about: "every package, which is what happens anyway" },
      data: {
        type: "texts",
        value: "FILE",
        about: "JSON or YAML that rules see below data; may be repeated",
      },
      timeout: { type: "text", value: "TIME", about: "how long the rules may take; 10s where left out" },
    },
    load: async () => (await import("./policy-test.ts")).policyTest,
  },
  {
    words: ["policy", "verify"],
    argsUsage: "DIR...",
    argsCount: [1, Number.POSITIVE_INFINITY],
    about: "run the unit tests of Rego policies",
    options: {
      timeout: { type: "text", value: "TIME", about: "how long they may take; 2m where left out" },
    },
    load: async () => (await import("./policy-verify.ts")).policyVerify,
  },
  {
    words: ["policy", "audit"],
    argsUsage: "[OWNER/REPO]",
    argsCount: [0, 1],
    about: "what policies said of each workspace as it is, at its last look for drift",
    options: RECORDS_OPTIONS,
    load: async () => (await import("./policy-audit.ts")).policyAudit,
  },
];
