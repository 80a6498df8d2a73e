import { Composer, type Document, LineCounter, Parser } from "yaml";

export interface SyntaxProblem {
  /** From 1 on; null where the problem has no place. */
  readonly at: { readonly line: number; readonly col: number } | null;
  readonly message: string;
}

/**
 * The first document of a YAML text, or what is wrong with it: at most so many problems, and no work beyond them, since
 * a hostile text makes a hundred thousand of them. What follows the first document is a problem unless it is not asked for.
 */
export const composeYaml = (
  text: string,
  { most, firstDocument }: { readonly most: number; readonly firstDocument: boolean },
): { readonly document: Document | null; readonly problems: readonly SyntaxProblem[] } => {
  const lines = new LineCounter();
  const found: Found[] = [];
  const tell = (one: Found): void => {
    if (found.length >= most) throw new Enough();
    found.push(one);
  };
  // Errors for people copy their whole line, each.
  const composer = new Composer({ schema: "core", uniqueKeys: true, prettyErrors: false });
  tellFirst(composer, tell);
  try {
    const document = composedBy(composer, new Parser(lines.addNewLine).parse(text), { tell, firstDocument });
    const all = [
      ...(document?.errors ?? []),
      ...(document?.warnings ?? []),
      ...found.filter(({ own }) => own),
    ].map(({ pos, message }) => ({ pos, message }));
    return { document, problems: all.slice(0, most).map((one) => placed(one, lines)) };
  } catch (thrown) {
    if (!(thrown instanceof Enough)) throw thrown;
    return { document: null, problems: found.map((one) => placed(one, lines)) };
  }
};

interface Found {
  readonly pos: readonly [number, number];
  readonly message: string;
  /** Not among the errors of the document. */
  readonly own?: boolean;
}

class Enough extends Error {}

type Source = number | readonly [number, number] | { readonly offset: number };

/**
 * The library tells its problems only when the whole document is composed. Each goes through one function of the composer
 * before; where a later version has none, everything is composed, and the test of hostile texts takes too long.
 */
const tellFirst = (composer: Composer, tell: (one: Found) => void): void => {
  const report: unknown = Reflect.get(composer, "onError");
  if (typeof report !== "function") return;
  Reflect.set(composer, "onError", (source: Source, code: string, message: string, warning?: boolean) => {
    tell({ pos: startOf(source), message });
    Reflect.apply(report, composer, [source, code, message, warning]);
  });
};

const startOf = (source: Source): readonly [number, number] => {
  if (typeof source === "number") return [source, source + 1];
  return "offset" in source ? [source.offset, source.offset + 1] : source;
};

const composedBy = (
  composer: Composer,
  tokens: ReturnType<Parser["parse"]>,
  { tell, firstDocument }: { readonly tell: (one: Found) => void; readonly firstDocument: boolean },
): Document | null => {
  let [first, documents, end]: [Document | null, number, number] = [null, 0, 0];
  const keep = (more: Iterable<unknown>): void => {
    for (const one of more) first ??= one as Document;
  };
  for (const token of tokens) {
    end = token.offset;
    if (token.type === "document") documents += 1;
    if (documents > 1) {
      if (!firstDocument)
        tell({ pos: [token.offset, end], message: "Source contains multiple documents", own: true });
      break;
    }
    if (token.type === "error") tell({ pos: [token.offset, token.offset], message: token.message });
    keep(composer.next(token));
  }
  keep(composer.end(true, end));
  return first;
};

const placed = ({ pos: [at], message }: Found, lines: LineCounter): SyntaxProblem => ({
  at: at < 0 ? null : lines.linePos(at),
  message,
});
