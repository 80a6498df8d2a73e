import type { PolicyTests } from "../model/policy.ts";
import { type Call, EXIT, printable, printJson } from "./command.ts";
import { bundleFrom, timeoutOption, withPolicyEngine } from "./policy-sources.ts";

/** `plumbline policy verify DIR`: runs the policies' own unit tests; 2 where one does not hold. */
export const policyVerify = async (call: Call): Promise<number> => {
  const limits = { ...timeoutOption(call), signal: call.stopSignal() };
  const bundle = await bundleFrom(call, call.args, []);
  const tests = await withPolicyEngine(call, (engine) => engine.verify(bundle, limits, bundle.read));
  if (call.json) printJson(call, tests);
  else call.out(render(tests));
  return tests.failed.length > 0 ? EXIT.somethingToSay : EXIT.done;
};

const render = ({ passed, failed, skipped }: PolicyTests): string => {
  const lines = failed.map(
    ({ test, file, why }) => `failed  ${printable(test)} (${printable(file)}): ${printable(why)}\n`,
  );
  const left = skipped > 0 ? `, ${skipped} skipped` : "";
  return `${lines.join("")}${passed} passed, ${failed.length} failed${left}.\n`;
};
