import { defaultCacheDir } from "../src/adapters/engine-find.ts";
import { createLog } from "../src/adapters/log.ts";
import { createPolicyEngine } from "../src/adapters/opa.ts";
import { createRedactor } from "../src/adapters/redactor.ts";
import type { PolicyBundle } from "../src/model/policy.ts";
import type { PolicyEngine } from "../src/ports/policy.ts";

const RULES = 500;
const RESOURCES = 200;
const WARM_UP = 3;

interface Wish {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly repetitions: number;
  readonly progress: (text: string) => void;
}

/** Evaluation of 500 rules over a plan of 200 changed resources, and over one with a single change; loading apart. */
export const policyBench = async ({ env, repetitions, progress }: Wish) => {
  const engine = createPolicyEngine({
    path: env["PLUMBLINE_OPA"] ?? null,
    env,
    cacheDir: defaultCacheDir(env),
    log: createLog({ redactor: createRedactor(), level: "info", write: progress }),
  });
  try {
    const bundle = manyRules();
    const started = performance.now();
    await engine.load(bundle);
    const load = performance.now() - started;
    // Each size by itself: what a large plan leaves to be collected would else be counted for the small one after it.
    const one = await timesOf(engine, bundle, 1, repetitions);
    const all = await timesOf(engine, bundle, RESOURCES, repetitions);
    const figures = {
      rules: RULES,
      resources: RESOURCES,
      loadMs: round(load),
      oneResourceMs: round(median(one)),
      planMs: round(median(all)),
      perResourceMs: round((median(all) - median(one)) / (RESOURCES - 1), 3),
    };
    const text = `${RULES} rules: loaded in ${figures.loadMs} ms; one changed resource ${figures.oneResourceMs} ms; ${RESOURCES} changed resources ${figures.planMs} ms (each further one ${figures.perResourceMs} ms)\n`;
    return { figures, text };
  } finally {
    await engine.stop();
  }
};

/** Milliseconds of each evaluation; the first ones, by which OPA warms up, are not counted. */
const timesOf = async (
  engine: PolicyEngine,
  bundle: PolicyBundle,
  resources: number,
  repetitions: number,
): Promise<readonly number[]> => {
  const input = planOf(resources);
  const kept: number[] = [];
  for (let round = -WARM_UP; round < repetitions; round += 1) {
    const from = performance.now();
    const answer = await engine.evaluate(bundle, input, null);
    if (answer.denied.length === 0) throw new Error("The rules denied nothing: nothing was measured.");
    if (round >= 0) kept.push(performance.now() - from);
  }
  return kept;
};

/** Half of the rules in each dialect, in fifty packages; each looks at its own type of resource, as rules mostly do. */
const manyRules = (): PolicyBundle => ({
  files: Array.from({ length: RULES }, (_, index) => ({
    path: `rules/${index}.rego`,
    text: index % 2 === 0 ? oldRule(index) : newRule(index),
  })),
});

const typeOf = (index: number): string => `aws_type_${index % 40}`;
const oldRule = (index: number): string => `package team${index % 50}
deny_r${index}[msg] {
	r := input.resource_changes[_]
	r.type == "${typeOf(index)}"
	r.change.after.size > ${100 + index}
	msg := sprintf("%s is too large; at most ${100 + index}", [r.address])
}
`;
const newRule = (index: number): string => `package team${index % 50}
import rego.v1
deny_r${index} contains msg if {
	some r in input.resource_changes
	r.type == "${typeOf(index)}"
	not r.change.after.tags.owner
	msg := sprintf("%s has no owner; add the tag owner", [r.address])
}
`;

const planOf = (count: number): string =>
  JSON.stringify({
    format_version: "1.2",
    resource_changes: Array.from({ length: count }, (_, index) => ({
      address: `${typeOf(index + 1)}.r${index}`,
      mode: "managed",
      type: typeOf(index + 1),
      name: `r${index}`,
      change: {
        actions: ["update"],
        before: { size: 1, text: "x".repeat(400) },
        after: { size: index % 300, text: "x".repeat(400), tags: index % 3 === 0 ? {} : { owner: "a" } },
      },
    })),
  });

const median = (values: readonly number[]): number =>
  values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN;
const round = (value: number, digits = 1): number => Number(value.toFixed(digits));
