/** What a command may use of the process that it runs in; only `main.ts` knows the real one. */
export interface CliWorld {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute; file names are meant from here. */
  readonly cwd: string;
  /** All of standard input. */
  readonly readStdin: () => Promise<Uint8Array>;
  /** Results. */
  readonly out: (text: string) => void;
  /** Progress, notes and errors. */
  readonly err: (text: string) => void;
  readonly colours: boolean;
  /** Whether a person reads `err` as it is written; no where left out. */
  readonly interactive?: boolean;
  /** Columns of the terminal; left out where there is none: then nothing is cut off. */
  readonly width?: number;
  /**
   * Aborts at the first SIGTERM or SIGINT; a second one ends the process at once. Only a command that asks for it is
   * spared the end that these signals otherwise are.
   */
  readonly stopSignal: () => AbortSignal;
}

export interface Call extends CliWorld {
  readonly args: readonly string[];
  readonly options: Options;
  /** `--json`: one document on stdout and nothing else there. */
  readonly json: boolean;
}

/** Given options by name: text, a switch, or all values of one that may be repeated. */
export type Options = Readonly<Record<string, string | true | readonly string[]>>;

export interface OptionSpec {
  readonly type: "text" | "switch" | "texts";
  readonly short?: string;
  /** What stands for the value in the usage line: `FILE`. */
  readonly value?: string;
  readonly about: string;
}

/**
 * One line of the table. A command is loaded when it is called, so that a short one does not wait for the service's
 * modules. `run` gives the exit code: 0 done, 2 there is something to say; it throws where it could not do its work.
 */
export interface Command {
  /** `["config", "check"]` */
  readonly words: readonly string[];
  /** For the usage line: `PLAN.json|-`. */
  readonly argsUsage: string;
  readonly argsCount: readonly [least: number, most: number];
  readonly about: string;
  readonly options: Readonly<Record<string, OptionSpec>>;
  /** It runs until it is stopped, or tells by itself how it gets on. */
  readonly isTalkative?: true;
  readonly load: () => Promise<(call: Call) => Promise<number>>;
}

export const EXIT = { done: 0, failed: 1, somethingToSay: 2, wrongArguments: 64 } as const;

/** Every command has these. */
export const COMMON_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  json: { type: "switch", about: "print one JSON document on stdout" },
  help: { type: "switch", short: "h", about: "show this help" },
};

/** The text of an option that may be given once. */
export const textOption = ({ options }: Pick<Call, "options">, name: string): string | undefined => {
  const value = options[name];
  return typeof value === "string" ? value : undefined;
};

/** All values of an option that may be repeated. */
export const textsOption = ({ options }: Pick<Call, "options">, name: string): readonly string[] => {
  const value = options[name];
  return Array.isArray(value) ? value : [];
};

export const printJson = ({ out }: Pick<CliWorld, "out">, value: unknown): void =>
  out(`${JSON.stringify(value)}\n`);

// What a file names may hold what a terminal obeys.
export const printable = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}]/gu, "\uFFFD");
