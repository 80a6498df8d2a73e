import { PlumblineError } from "../model/errors.ts";
import { bundleFiles, type ReadBundle } from "../policy/bundle.ts";
import { type OpaAnswer, runOpa, writeBelow } from "./opa-process.ts";

export interface OpaTool {
  readonly binary: string;
  /** File with what policies may use; never the network. */
  readonly capabilities: string;
}

interface Complaint {
  readonly code: string;
  readonly message: string;
  readonly location?: { readonly file: string; readonly row: number };
}

/** A bundle in which every module was guessed wrong still ends. */
const MOST_ROUNDS = 60;

/**
 * Writes the bundle into `folder` and compiles it. A module that does not parse in the dialect it was taken for is
 * tried in the other one. Throws `policy-invalid` with file and line of every complaint.
 */
export const compileBundle = async (tool: OpaTool, bundle: ReadBundle, folder: string): Promise<void> => {
  let current = bundle;
  const first = new Map<string, readonly Complaint[]>();
  await writeBelow(folder, bundleFiles(current));
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const complaints = await check(tool, folder);
    if (complaints.length === 0) return;
    const files = new Set(complaints.filter(isParseError).flatMap(({ location }) => location?.file ?? []));
    const fresh = [...files].filter((file) => !first.has(file));
    if (fresh.length === 0)
      throw refusal(
        [...files].flatMap((file) => first.get(file) ?? []),
        complaints,
      );
    for (const file of fresh)
      first.set(
        file,
        complaints.filter(({ location }) => location?.file === file),
      );
    current = otherDialect(current, new Set(fresh));
    await writeBelow(folder, bundleFiles(current).slice(-1));
  }
  throw new PlumblineError("policy-invalid", "The policies do not parse.");
};

const check = async ({ binary, capabilities }: OpaTool, folder: string): Promise<readonly Complaint[]> => {
  const args = ["check", "-b", ".", "--format", "json", "--capabilities", capabilities];
  const said = await runOpa(binary, args, { cwd: folder });
  return said.failed ? complaintsIn(said) : [];
};

/** What OPA complained of; it prints it as JSON on either channel. */
export const complaintsIn = ({ stdout, stderr, timedOut }: OpaAnswer): readonly Complaint[] => {
  for (const text of [stderr, stdout]) {
    try {
      const { errors } = JSON.parse(text) as { errors?: Complaint[] };
      if (errors && errors.length > 0) return errors;
    } catch {
      // The other channel, or no JSON at all.
    }
  }
  const said = timedOut ? "OPA did not finish in time" : stderr.trim() || stdout.trim() || "OPA said nothing";
  return [{ code: "opa", message: said }];
};

const isParseError = ({ code }: Complaint): boolean => code === "rego_parse_error";

const otherDialect = (bundle: ReadBundle, files: ReadonlySet<string>): ReadBundle => ({
  ...bundle,
  modules: bundle.modules.map((module) =>
    files.has(module.path) ? { ...module, version: module.version === 1 ? 0 : 1 } : module,
  ),
});

/** For a module that is wrong in both dialects, what the likelier one says. */
const refusal = (parsing: readonly Complaint[], others: readonly Complaint[]): PlumblineError => {
  const told = parsing.length > 0 ? parsing : others;
  const lines = [...new Set(told.map(complaintText))];
  const more = lines.length > 5 ? `; and ${lines.length - 5} more` : "";
  return new PlumblineError(
    "policy-invalid",
    `The policies do not compile: ${lines.slice(0, 5).join("; ")}${more}`,
  );
};

export const complaintText = ({ message, location }: Complaint): string => {
  const name = /^undefined function (http\.send|net\.lookup_ip_addr|opa\.runtime)$/.exec(message)?.[1];
  const parser = /^undefined function (parse_config|parse_config_file|parse_combined_config_files)$/.exec(
    message,
  )?.[1];
  const why = name
    ? `${name} is not allowed: policies have no network and no environment`
    : parser
      ? `${parser} is a function of conftest's own, which OPA does not have: give the parsed configuration as a value`
      : message;
  return location?.file ? `${location.file}:${location.row}: ${why}` : why;
};
