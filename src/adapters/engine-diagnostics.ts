const LIMIT = 8_000;

/**
 * The engine's error blocks, one after another without their frames; where it wrote none (a panic, wrong usage),
 * the last lines of its text. Too long a text loses its beginning, since the cause stands at the end.
 */
export const diagnosticsOf = (log: string): string => {
  const errors = blocks(log).filter((block) => /^Error: /m.test(block));
  const text = errors.length > 0 ? errors.join("\n\n") : lastLines(log, 30);
  return shortenedFromTheTop(text, LIMIT);
};

/** The first error's headline, such as `Error: Invalid reference`; empty where there is none. */
export const headlineOf = (diagnostics: string): string =>
  /^(Error: .*)$/m.exec(diagnostics)?.[1]?.trim() ?? diagnostics.trim().split("\n").at(-1) ?? "";

// Framed as `╷ │ ... ╵`; older engines write unframed paragraphs that begin with `Error:`.
const blocks = (log: string): readonly string[] => {
  const framed = [...log.matchAll(/^╷\n(?<body>(?:│.*\n)*)╵/gm)].map((match) =>
    (match.groups?.["body"] ?? "").replace(/^│ ?/gm, "").trim(),
  );
  if (framed.length > 0) return framed;
  const start = log.search(/^Error: /m);
  return start < 0 ? [] : [log.slice(start).trim()];
};

const lastLines = (text: string, count: number): string =>
  text.trimEnd().split("\n").slice(-count).join("\n").trim();

const shortenedFromTheTop = (text: string, limit: number): string => {
  if (text.length <= limit) return text;
  const kept = text.slice(-limit);
  const end = kept.slice(kept.indexOf("\n") + 1);
  const left = text.length - end.length;
  return `(the first ${left} characters are in the log)\n${end}`;
};
