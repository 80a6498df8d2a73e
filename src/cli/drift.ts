import { resolve } from "node:path";
import { loadCatalogue } from "../adapters/catalogue-files.ts";
import { createEngines } from "../adapters/engines.ts";
import { checkoutTop, folderAt } from "../adapters/last-applied.ts";
import { createLog } from "../adapters/log.ts";
import { createRedactor } from "../adapters/redactor.ts";
import { PlumblineError } from "../model/errors.ts";
import { type Finding, placeText } from "../model/finding.ts";
import { jsonEqual } from "../model/json.ts";
import type { Engine } from "../ports/engine.ts";
import { CAUSE_TEXT, valueText } from "../report/finding-text.ts";
import { type Call, EXIT, printable, printJson, textOption, textsOption } from "./command.ts";
import { placeBelow } from "./folder-copy.ts";
import { type DriftReport, type DriftWorld, lookForDrift } from "./look-for-drift.ts";

/** `plumbline drift [DIR]`: 2 where a finding other than noise exists. DIR stays byte-identical. */
export const drift = async (call: Call): Promise<number> => {
  const [given = "."] = call.args;
  const engine = await pickEngine(call);
  const report = await lookForDrift(
    {
      engine,
      catalogue: await loadCatalogue(),
      earlier: earlierFolder,
      progress: (line) => call.err(`${engine.version.distribution} ${line} ...\n`),
    },
    {
      dir: resolve(call.cwd, given),
      varFiles: textsOption(call, "var-file").map((file) => resolve(call.cwd, file)),
      all: call.options["all"] === true,
      lastApplied: textOption(call, "last-applied") ?? null,
      selected: call.env["TF_WORKSPACE"],
      dataDir: call.env["TF_DATA_DIR"],
      signal: call.stopSignal(),
    },
  );
  if (call.json) printJson(call, report);
  else call.out(render(report));
  return report.findings.some((finding) => finding.cause !== "noise") ? EXIT.somethingToSay : EXIT.done;
};

export const earlierFolder: DriftWorld["earlier"] = async (dir, commit, root) =>
  folderAt(dir, commit, await placeBelow(await checkoutTop(dir, commit), root));

/** The engine of a person's terminal, with their settings. */
export const pickEngine = async (call: Call): Promise<Engine> => {
  const wanted = textOption(call, "engine");
  if (wanted !== undefined && wanted !== "terraform" && wanted !== "tofu")
    throw new PlumblineError("wrong-arguments", `--engine is terraform or tofu, not ${wanted}.`);
  const redactor = createRedactor();
  const log = createLog({ redactor, level: "warn", write: call.err });
  const path = call.env["PLUMBLINE_ENGINE"] ?? null;
  const engines = createEngines({ mode: "user", env: call.env, redactor, log, path });
  return engines.pick(wanted === undefined ? {} : { distribution: wanted });
};

const render = ({ workspace, findings, note }: DriftReport): string => {
  if (findings.length === 0) return `${workspace}: no drift.\n`;
  const lines = findings.map((finding) => {
    return `  ${placeText(finding)}: ${CAUSE_TEXT[finding.cause]} (${finding.cause})${valuesText(finding)}`;
  });
  return `${[`${workspace}:`, ...lines, ...(note ? ["", note] : [])].map(printLine).join("\n")}\n`;
};

// What the code is silent about is in Git as little as it was: what the state had says more.
const valuesText = ({ path, desired, actual, recorded, sensitive }: Finding): string => {
  if (path === "") return "";
  const told = jsonEqual(desired, actual)
    ? `recorded ${valueText(recorded, sensitive)}`
    : `in Git ${valueText(desired, sensitive)}`;
  return `\n    ${told}, live ${valueText(actual, sensitive)}`;
};

const printLine = (line: string): string => line.split("\n").map(printable).join("\n");
