import type { DriftedResource } from "../codify/facts.ts";
import { textsIn } from "../codify/secret-in.ts";
import type { Json } from "../model/json.ts";
import { parsePath } from "../model/path.ts";
import { valueAt } from "../model/value-diff.ts";
import type { SecretScanner } from "../ports/secret-scanner.ts";

export interface SecretScanning {
  /** Asked about live texts before any of them is proposed. */
  readonly scanner: SecretScanner;
  /** Hears of the texts that it takes for secrets, each as a whole. */
  readonly onSecret?: (text: string) => void;
}

/** The resources, each with the live texts that the scanner takes for secrets. Only attributes with findings are scanned. */
export const scanned = async (
  scanning: SecretScanning,
  resources: readonly DriftedResource[],
): Promise<readonly DriftedResource[]> => {
  const secrets = await secretTexts(scanning, resources.flatMap(drifted));
  return secrets.size === 0 ? resources : resources.map((resource) => ({ ...resource, secrets }));
};

/** Those of the texts in these values that the scanner takes for secrets; each distinct text is scanned once. */
export const secretTexts = async (
  { scanner, onSecret }: SecretScanning,
  values: readonly Json[],
): Promise<ReadonlySet<string>> => {
  const secrets = await scanner.looksSecret(new Set(values.flatMap(textsIn)));
  for (const text of secrets) onSecret?.(text);
  return secrets;
};

/** Live values of the whole attributes, since an edit may write more of one than what was found. */
const drifted = ({ actual, findings }: DriftedResource): readonly Json[] =>
  [...new Set(findings.flatMap(({ path }) => parsePath(path)?.slice(0, 1) ?? []))].map(
    (name) => valueAt(actual, [name]) ?? null,
  );
