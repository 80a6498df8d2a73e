import { writeFile } from "node:fs/promises";
import { ERRORS } from "../src/model/error-codes.ts";

const FATE = {
  now: "tried again at once",
  later: "tried again with growing pauses",
  never: "not tried again: something must change first",
} as const;
const AUDIENCE = { user: "whoever opened the pull request", operator: "whoever runs Plumbline" } as const;

/** `docs/errors.md`: a heading for each code, so that every error can be looked up. */
export const errorsDocument = (): string => {
  const entries = Object.entries(ERRORS)
    .toSorted()
    .map(
      ([code, { retry, audience, hint }]) =>
        `## ${code}\n\n${hint}\n\nFor ${AUDIENCE[audience as keyof typeof AUDIENCE] ?? audience}; ${FATE[retry]}.\n`,
    );
  return `# Errors\n\nWritten by \`node scripts/errors-doc.ts\` from \`src/model/error-codes-*.ts\`.\n\n${entries.join("\n")}`;
};

if (import.meta.main) await writeFile(new URL("../docs/errors.md", import.meta.url), errorsDocument());
