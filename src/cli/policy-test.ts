import { loadCatalogue } from "../adapters/catalogue-files.ts";
import { asPlumblineError, PlumblineError } from "../model/errors.ts";
import type { PolicyAnswer, PolicyBundle, PolicyMessage } from "../model/policy.ts";
import { inspectPlan } from "../plan/inspect.ts";
import { decodePlanBytes, documentsIn } from "../plan/plan-text.ts";
import { readPlan, readPlans } from "../plan/read.ts";
import { enrichmentOf, policyInput } from "../policy/input.ts";
import { readRego } from "../policy/rego-text.ts";
import type { PolicyEngine } from "../ports/policy.ts";
import { type Call, EXIT, printable, printJson, textsOption } from "./command.ts";
import { readArgument } from "./files.ts";
import { bundleFrom, timeoutOption, withPolicyEngine } from "./policy-sources.ts";

/** What `plumbline policy test --json` prints; a contract. */
export interface PolicyReport {
  readonly denied: readonly PolicyMessage[];
  readonly warned: readonly PolicyMessage[];
  readonly excepted: readonly PolicyMessage[];
  /** How many rules were asked. */
  readonly rules: number;
  /** Milliseconds of the evaluation itself, loading left out. */
  readonly ms: number;
}

/** `plumbline policy test PLAN.json --policy DIR`: 2 where a rule denies, or cannot be asked. */
export const policyTest = async (call: Call): Promise<number> => {
  const folders = textsOption(call, "policy");
  if (folders.length === 0)
    throw new PlumblineError("wrong-arguments", "policy test needs --policy DIR, the folder of the rules.");
  const namespaces = textsOption(call, "namespace");
  if (namespaces.length > 0 && call.options["all-namespaces"])
    throw new PlumblineError("wrong-arguments", "--namespace and --all-namespaces exclude each other.");
  const limits = timeoutOption(call);
  const [file = "-"] = call.args;
  const text = decodePlanBytes(await readArgument(call, file, "plan-unreadable"));
  readPlans(text);
  const bundle = await bundleFrom(call, folders, textsOption(call, "data"));
  const inputs = await inputsFrom(text, bundle);
  const report = await withPolicyEngine(call, (engine) =>
    judge(engine, bundle, inputs, namespaces.length > 0 ? namespaces : null, {
      ...limits,
      signal: call.stopSignal(),
    }),
  );
  if (call.json) printJson(call, report);
  else call.out(render(report));
  return report.denied.length > 0 ? EXIT.somethingToSay : EXIT.done;
};

/** One input for each plan in the text: Terragrunt writes one per unit. */
const inputsFrom = async (text: string, { files }: PolicyBundle): Promise<readonly string[]> => {
  const catalogue = await loadCatalogue();
  const asPlan = files.some((module) => readRego(module.text).readsInputPlan);
  return documentsIn(text).flatMap((document) => {
    const plan = planOf(JSON.stringify(document));
    return plan ? [policyInput(document, enrichmentOf(inspectPlan(plan, catalogue)), { asPlan })] : [];
  });
};

// Text beside the plans may hold other objects.
const planOf = (text: string): ReturnType<typeof readPlan> | null => {
  try {
    return readPlan(text);
  } catch {
    return null;
  }
};

const judge = async (
  engine: PolicyEngine,
  bundle: PolicyBundle,
  inputs: readonly string[],
  namespaces: readonly string[] | null,
  limits: Parameters<PolicyEngine["evaluate"]>[3],
): Promise<PolicyReport> => {
  let ms = 0;
  const answers: PolicyAnswer[] = [];
  try {
    await engine.load(bundle, namespaces);
    for (const input of inputs) {
      const started = performance.now();
      answers.push(await engine.evaluate(bundle, input, namespaces, limits));
      ms += performance.now() - started;
    }
  } catch (thrown) {
    answers.push(cannotAsk(thrown));
  }
  return {
    denied: answers.flatMap(({ denied }) => denied),
    warned: answers.flatMap(({ warned }) => warned),
    excepted: answers.flatMap(({ excepted }) => excepted),
    rules: Math.max(0, ...answers.map(({ rules }) => rules)),
    ms: Math.round(ms * 10) / 10,
  };
};

/** Rules that do not compile, fail or take too long deny; a machine without OPA is no verdict. */
const cannotAsk = (thrown: unknown): PolicyAnswer => {
  const { code, message } = asPlumblineError(thrown);
  if (code !== "policy-invalid" && code !== "policy-timeout" && code !== "policy-failed") throw thrown;
  return { denied: [{ policy: code, message }], warned: [], excepted: [], rules: 0 };
};

const render = ({ denied, warned, excepted, rules, ms }: PolicyReport): string => {
  const lines = [
    ...denied.map((one) => line("denied  ", one)),
    ...warned.map((one) => line("warned  ", one)),
    ...excepted.map((one) => line("excepted", one)),
  ];
  const count = (number: number, word: string): string => `${number} ${word}${number === 1 ? "" : "s"}`;
  const total = `${count(rules, "rule")}, ${count(denied.length, "denial")}, ${count(warned.length, "warning")}, ${ms} ms.\n`;
  return `${lines.join("")}${total}`;
};

const line = (kind: string, { policy, message }: PolicyMessage): string =>
  `${kind}  ${printable(policy)}: ${message.split("\n").map(printable).join("\n    ")}\n`;
