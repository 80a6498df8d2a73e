import type { AtlantisFate } from "./atlantis-keys.ts";
import { leavesRepository } from "./leaf-rules.ts";

/** A custom workflow of Atlantis, as far as its shape was checked by `stepProblem`. */
export type AtlantisWorkflow = Readonly<
  Record<string, { readonly steps?: readonly unknown[] | undefined } | null | undefined>
>;

export interface StepTold {
  /** From the workflow on: `plan.steps[1]`. */
  readonly path: string;
  readonly fate: AtlantisFate;
  readonly note: string;
}

/** What can be told of a workflow's steps for one workspace, and the variable files that its plan names. */
export interface WorkflowRead {
  readonly varFiles: readonly string[];
  readonly told: readonly StepTold[];
}

/**
 * Reads the steps without running one. Built-in steps as they are need no word; `-var-file` of a plan becomes a
 * variable file of the workspace; all else is told with what to do instead.
 */
export const readWorkflow = (
  workflow: AtlantisWorkflow,
  { dir, name }: { readonly dir: string; readonly name: string },
): WorkflowRead => {
  const varFiles: string[] = [];
  const told: StepTold[] = [];
  for (const [stage, body] of Object.entries(workflow)) {
    (body?.steps ?? []).forEach((step, index) => {
      const path = `${stage}.steps[${index}]`;
      const read = readStep(step, stage);
      for (const file of read.varFiles) {
        const meant = file.replaceAll(/\$\{WORKSPACE\}|\$WORKSPACE\b/g, name || "default");
        const problem = fileProblem(meant, dir);
        if (problem) told.push({ path, fate: "lost", note: `-var-file ${file}: ${problem}` });
        else if (!varFiles.includes(meant)) varFiles.push(meant);
      }
      told.push(...read.notes.map((note): StepTold => ({ path, fate: "lost", note })));
    });
    told.push(...missingSteps(stage, body?.steps));
  }
  return { varFiles, told };
};

const fileProblem = (file: string, dir: string): string | undefined => {
  if (file.includes("$")) return "the name is computed; list the files themselves in var_files.";
  if (file.startsWith("/")) return "it lies outside of the repository.";
  return leavesRepository(dir, file) ? "it lies outside of the repository." : undefined;
};

interface StepRead {
  readonly varFiles: readonly string[];
  readonly notes: readonly string[];
}

const readStep = (step: unknown, stage: string): StepRead => {
  if (typeof step === "string" || typeof step !== "object" || step === null) return NOTHING;
  const [[name, body] = ["", null]] = Object.entries(step);
  if (name === "run" || name === "multienv") return { varFiles: [], notes: [commandNote(name, body)] };
  if (name === "env") return { varFiles: [], notes: [envNote(body)] };
  const args = argumentsOf(body);
  return args.length === 0 ? NOTHING : readArguments(args, name === "plan" && stage === "plan", name);
};

const NOTHING: StepRead = { varFiles: [], notes: [] };

const argumentsOf = (body: unknown): readonly string[] => {
  const args: unknown = typeof body === "object" && body !== null ? Reflect.get(body, "extra_args") : null;
  return Array.isArray(args) ? args.map(String) : [];
};

/** `-var-file x` in two entries or one, with one dash or two. */
const readArguments = (args: readonly string[], takesFiles: boolean, step: string): StepRead => {
  const varFiles: string[] = [];
  const notes: string[] = [];
  for (let at = 0; at < args.length; at += 1) {
    const [flag = "", ...rest] = (args[at] ?? "").replace(/^--/, "-").split("=");
    const isPair = rest.length === 0 && VALUED.has(flag) && at + 1 < args.length;
    const value = isPair ? (args[++at] ?? "") : rest.join("=");
    // A later stage applies the saved plan, in which variables stand already.
    if (flag === "-var-file" && takesFiles) varFiles.push(value);
    else if (flag !== "-var-file") notes.push(`${step} ${flag}: ${INSTEAD[flag] ?? ELSEWHERE}`);
  }
  return { varFiles, notes };
};

const VALUED = new Set(["-var-file", "-var", "-backend-config", "-parallelism", "-lock-timeout", "-target"]);
const ELSEWHERE =
  "engine flags are not configured; where one is needed once, comment it after `--`: `plumbline plan -- FLAG`.";
const INSTEAD: Readonly<Record<string, string>> = {
  "-var": "write the value into a .tfvars file and name it in var_files.",
  "-backend-config":
    "write the backend's settings into the code; secrets of it come by the run's environment.",
  "-lock": "the engine's own state lock is always taken.",
  "-upgrade": "providers are those of the committed lock file; raise them in a pull request.",
  "-reconfigure": "every run has an engine folder of its own, and it is kept up by itself.",
  "-refresh": "plans refresh, since drift would be hidden otherwise.",
};

const commandNote = (name: string, body: unknown): string => {
  const command: unknown = typeof body === "object" && body !== null ? Reflect.get(body, "command") : body;
  const text = String(command).trim();
  const line = text.split("\n", 1)[0] ?? "";
  const shown = text.length > line.length || line.length > 60 ? `${line.slice(0, 60)}...` : line;
  const why = name === "multienv" ? FOR_ENV : (HINTS.find(([pattern]) => pattern.test(text))?.[1] ?? PLAIN);
  return `\`${shown.replaceAll("`", "'")}\` is not run. ${why}`;
};

const FOR_ENV =
  "Variables of runs come from `engine.plan_env`, `engine.apply_env` or `credentials` of the server's file; a command of the operator can print them.";
const PLAIN = "Do it in CI as a required check, or in a script that `credentials[].plan.command` names.";
const HINTS: readonly (readonly [RegExp, string])[] = [
  [
    /\bterragrunt\b/,
    "Terragrunt is not driven: only plain root modules are planned. Stay with Atlantis for these projects.",
  ],
  [
    /\b(tfsec|tflint|checkov|trivy|terrascan|conftest|infracost)\b/,
    "Run it in CI as a required check, or write the rule in Rego (`policies.sets`).",
  ],
  [
    /\b(terraform|tofu|terraform\d\S*)\s+(workspace|init|plan|apply|show|fmt|validate)\b|\$PLANFILE/,
    "Plumbline selects the workspace, runs init, plan, show and apply itself; leave the step out.",
  ],
  [
    /\b(aws|gcloud|az|vault)\b/,
    "Credentials come per workspace and phase from `credentials` of the server's file.",
  ],
];

const envNote = (body: unknown): string => {
  const name: unknown = typeof body === "object" && body !== null ? Reflect.get(body, "name") : "";
  return /^TF_VAR_/.test(String(name))
    ? `${String(name)} is not set. Write the value into a .tfvars file and name it in var_files, or lend it by \`credentials[].plan.env\`.`
    : `${String(name)} is not set. ${FOR_ENV}`;
};

/** `steps: []`, or a plan stage without a plan, is a workspace that Atlantis does not plan. */
const missingSteps = (stage: string, steps: readonly unknown[] | undefined): readonly StepTold[] => {
  if (steps === undefined || (stage !== "plan" && stage !== "apply")) return [];
  const names = steps.map((step) =>
    typeof step === "object" && step !== null ? (Object.keys(step)[0] ?? "") : String(step),
  );
  if (names.includes(stage) || names.includes("run")) return [];
  const note =
    stage === "plan"
      ? "The stage has no `plan` step; Plumbline always plans. `autoplan: false` plans by comment alone."
      : "The stage has no `apply` step; Plumbline applies. Set `mode: observe` or freeze the workspace to prevent it.";
  return [{ path: `${stage}.steps`, fate: "lost", note }];
};
