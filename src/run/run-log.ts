import type { ArtifactRef } from "../ports/artifacts.ts";
import type { World } from "./world.ts";

/** The text of one run as people read it: every line passes the redactor on its way in. */
export interface RunLog {
  line(text: string): void;
  text(): string;
  save(key: string): Promise<ArtifactRef>;
}

/** Beyond this the middle is left out: a provider that logs without end must not take the service's memory. */
const LIMIT = 16 * 1024 * 1024;

export const openRunLog = (world: Pick<World, "redactor" | "artifacts">): RunLog => {
  const lines: string[] = [];
  let size = 0;
  let dropped = 0;
  const text = (): string => lines.join("\n") + (dropped ? `\n(${dropped} more lines left out)` : "");
  return {
    line(raw) {
      const safe = world.redactor.redact(raw);
      if (size + safe.length > LIMIT) {
        dropped += 1;
        return;
      }
      size += safe.length + 1;
      lines.push(safe);
    },
    text,
    // Once more as a whole: a line may have been written before the plan's secrets were learned.
    save: (key) => world.artifacts.put(key, new TextEncoder().encode(`${world.redactor.redact(text())}\n`)),
  };
};
