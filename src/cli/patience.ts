import type { CliWorld } from "./command.ts";

// A person looks at the screen; who reads a log is told less often.
const FIRST_MS = 1000;
const AGAIN_MS = { terminal: 1000, log: 15_000 } as const;

/** A line of what is told where nobody looks: how long a command takes says nothing about what it answers. */
export const isProgress = (line: string): boolean => /^plumbline .+ goes on, \d+ s \.\.\.\n$/.test(line);

/**
 * Says on stderr that a command goes on, while it says nothing itself: on a terminal in one line that is gone
 * afterwards, else now and then as a line.
 */
export const withPatience = async <T>(
  world: CliWorld,
  words: readonly string[],
  work: (world: CliWorld) => Promise<T>,
): Promise<T> => {
  const { out, err, interactive = false } = world;
  const how = interactive ? "terminal" : "log";
  const began = Date.now();
  let shown = 0;
  let timer: NodeJS.Timeout | undefined;
  const wait = (ms: number): void => {
    clearTimeout(timer);
    timer = setTimeout(tell, ms).unref();
  };
  const tell = (): void => {
    const text = `plumbline ${words.join(" ")} goes on, ${Math.round((Date.now() - began) / 1000)} s`;
    err(interactive ? `\r${text}` : `${text} ...\n`);
    if (interactive) shown = text.length;
    wait(AGAIN_MS[how]);
  };
  // By spaces: where somebody wants no colours (NO_COLOR), no escape code is written at all.
  const hide = (): void => {
    if (shown > 0) err(`\r${" ".repeat(shown)}\r`);
    shown = 0;
  };
  /** Whoever speaks is heard without our line, which comes back only after another silence. */
  const through =
    (say: (text: string) => void) =>
    (text: string): void => {
      hide();
      say(text);
      wait(AGAIN_MS[how]);
    };
  wait(FIRST_MS);
  try {
    return await work({ ...world, out: through(out), err: through(err) });
  } finally {
    clearTimeout(timer);
    hide();
  }
};
