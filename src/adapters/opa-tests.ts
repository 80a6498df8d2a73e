import { PlumblineError } from "../model/errors.ts";
import type { PolicyTests } from "../model/policy.ts";
import type { ReadBundle } from "../policy/bundle.ts";
import type { PolicyLimits } from "../ports/policy.ts";
import { compileBundle, complaintsIn, complaintText, type OpaTool } from "./opa-compile.ts";
import { runOpa } from "./opa-process.ts";

interface ToldTest {
  readonly location: { readonly file: string; readonly row: number };
  readonly package: string;
  readonly name: string;
  readonly fail?: boolean;
  readonly skip?: boolean;
  readonly error?: { readonly message?: string };
}

const DEFAULT_TIMEOUT_MS = 120_000;

/** Runs `opa test` over the bundle, compiled first in `folder`, an empty one. Throws `policy-invalid`, `policy-timeout`. */
export const runTests = async (
  tool: OpaTool,
  bundle: ReadBundle,
  folder: string,
  { timeoutMs = DEFAULT_TIMEOUT_MS, signal }: PolicyLimits,
): Promise<PolicyTests> => {
  await compileBundle(tool, bundle, folder);
  const args = ["test", "-b", ".", "--format", "json", "--capabilities", tool.capabilities];
  const said = await runOpa(tool.binary, [...args, "--timeout", `${timeoutMs}ms`], {
    cwd: folder,
    timeoutMs,
    ...(signal === undefined ? {} : { signal }),
  });
  if (said.timedOut)
    throw new PlumblineError("policy-timeout", `The unit tests took longer than ${timeoutMs} ms.`);
  const tests = readTests(said.stdout);
  if (tests === null)
    throw new PlumblineError(
      "policy-invalid",
      `The unit tests could not run: ${complaintsIn(said).map(complaintText).slice(0, 5).join("; ")}`,
    );
  const failed = tests.filter(({ fail, error }) => fail === true || error !== undefined);
  const skipped = tests.filter(({ skip }) => skip === true);
  return {
    passed: tests.length - failed.length - skipped.length,
    skipped: skipped.length,
    failed: failed.map(({ package: path, name, location, error }) => ({
      test: `${path.replace(/^data\./, "")}.${name}`,
      file: `${location.file.replace(/^\/+/, "")}:${location.row}`,
      why: error?.message ?? "the test does not hold",
    })),
  };
};

// A folder without any test gives no list.
const readTests = (text: string): readonly ToldTest[] | null => {
  if (text.trim() === "" || text.trim() === "null") return text.trim() === "" ? null : [];
  try {
    const told = JSON.parse(text) as unknown;
    return Array.isArray(told) ? (told as ToldTest[]) : null;
  } catch {
    return null;
  }
};
