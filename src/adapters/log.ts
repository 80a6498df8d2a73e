import { type Logger, pino } from "pino";
import { PlumblineError } from "../model/errors.ts";
import type { Log } from "../ports/log.ts";
import type { Redactor } from "../ports/redactor.ts";
import { along, trail } from "./trail.ts";

export type LogLevel = "debug" | "info" | "warn" | "error" | "silent";

/** One JSON object per line. Each line passes the redactor last, whatever its fields hold. `write` gets whole lines. */
export const createLog = (options: {
  readonly redactor: Redactor;
  readonly level?: LogLevel;
  readonly write: (line: string) => void;
}): Log => {
  const sink = { write: (line: string) => options.write(options.redactor.redact(line)) };
  return fromPino(
    pino(
      {
        level: options.level ?? "info",
        base: null,
        messageKey: "text",
        // Ids of what the line is about, whoever writes it.
        mixin: () => ({ ...trail() }),
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }) },
        serializers: { error: describe, err: describe },
      },
      sink,
    ),
  );
};

const fromPino = (logger: Logger): Log => ({
  debug: (text, fields) => logger.debug(fields ?? {}, text),
  info: (text, fields) => logger.info(fields ?? {}, text),
  warn: (text, fields) => logger.warn(fields ?? {}, text),
  error: (text, fields) => logger.error(fields ?? {}, text),
  along,
  child: (fields) => fromPino(logger.child(fields)),
});

const describe = (error: unknown): unknown => {
  if (!(error instanceof Error)) return error;
  const { name, message, stack } = error;
  if (error instanceof PlumblineError && error.code !== "bug") {
    return { code: error.code, message, detail: error.detail, cause: describe(error.cause) };
  }
  return { name, message, stack, cause: describe(error.cause) };
};
