import { loadCatalogue } from "../adapters/catalogue-files.ts";
import { PlumblineError } from "../model/errors.ts";
import type { Inspection } from "../model/plan.ts";
import { inspectPlanText } from "../plan/inspect.ts";
import { inspectPlanPieces } from "../plan/inspect-pieces.ts";
import { decodePlanBytes } from "../plan/plan-text.ts";
import { type Call, EXIT, printJson } from "./command.ts";
import { openArgument } from "./files.ts";
import { renderInspection } from "./render-inspection.ts";

/** `plumbline inspect PLAN.json|-`: 0 for any plan that can be read, an errored one too. */
export const inspect = async (call: Call): Promise<number> => {
  const [file = "-"] = call.args;
  const [source, catalogue] = await Promise.all([
    openArgument(call, file, "plan-unreadable"),
    loadCatalogue(),
  ]);
  const inspection =
    inspectPlanPieces(source.chunks, catalogue) ?? inspectPlanText(textOf(await source.all()), catalogue);
  if (call.json) printJson(call, byContract(inspection));
  else call.out(renderInspection(inspection));
  return EXIT.done;
};

/** Scripts compare these fields one by one: the ways out are for people. */
const byContract = (inspection: Inspection): Inspection => ({
  ...inspection,
  changes: inspection.changes.map((change) => ({
    ...change,
    reasons: change.reasons.map(({ wayOut: _, oneWay: __, ...reason }) => reason),
  })),
});

// A string has a greatest length; what is longer is no plan that an engine wrote.
const textOf = (bytes: Uint8Array): string => {
  try {
    return decodePlanBytes(bytes);
  } catch (failure) {
    throw new PlumblineError("plan-unreadable", "The file is no text, or too long to be read as one.", {
      cause: failure,
    });
  }
};
