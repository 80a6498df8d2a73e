import { createRequire } from "node:module";
import type { SecretLintCoreConfig } from "@secretlint/types";
import type { SecretScanner } from "../ports/secret-scanner.ts";

/** Scans with secretlint's recommended rules. They are read at the first text, so that who has none to scan pays nothing. */
export const secretScanner = (): SecretScanner => ({
  looksSecret: async (texts) => {
    const found = new Set<string>();
    if (texts.size === 0) return found;
    loading ??= load();
    const holdsSecret = await loading;
    for (const text of texts) if (await holdsSecret(text)) found.add(text);
    return found;
  },
});

type HoldsSecret = (text: string) => Promise<boolean>;

let loading: Promise<HoldsSecret> | undefined;

const load = async (): Promise<HoldsSecret> => {
  const [{ lintSource }, { rules }] = await Promise.all([
    import("@secretlint/core"),
    import("@secretlint/secretlint-rule-preset-recommend"),
  ]);
  stopProfiler();
  const config: SecretLintCoreConfig = {
    rules: rules.filter(({ meta }) => meta.id !== COMMENT_RULE).map((rule) => ({ id: rule.meta.id, rule })),
  };
  return async (content) => {
    const { messages } = await lintSource({
      // The rule for service account files looks at .json only; all others judge any ending alike.
      source: { filePath: "value.json", ext: ".json", contentType: "text", content },
      options: { config, noPhysicFilePath: true },
    });
    return messages.length > 0;
  };
};

/** Lets a comment in the text switch rules off: whoever writes a value must not decide whether it is scanned. */
const COMMENT_RULE = "@secretlint/secretlint-rule-filter-comments";

/** The profiler is on at first and keeps two marks per text and rule for ever; the core neither exports nor sets it. */
const stopProfiler = (): void => {
  const core = createRequire(import.meta.url).resolve("@secretlint/core");
  const { secretLintProfiler } = createRequire(core)("@secretlint/profiler") as {
    readonly secretLintProfiler: { setEnabled(enabled: boolean): void };
  };
  secretLintProfiler.setEnabled(false);
};
