/** What to do with a member of the outermost object: hand out its value, each element of its list, or nothing. */
export type Taking = "whole" | "each" | "skip";

export interface MemberReader {
  readonly taking: (name: string) => Taking;
  /** Text of a value that was taken, or of one element. It may be broken JSON: to parse it is the reader's work. */
  readonly take: (name: string, text: string) => void;
}

/**
 * Reads the members of one JSON object (UTF-8) piece by piece, so that a text of any length needs the memory of its
 * largest piece. What is skipped is held to JSON's grammar all the same. False where the text is not one object and
 * nothing else; the chunks may be written over between two steps of the iterator.
 */
export const readMembers = (chunks: Iterable<Uint8Array>, reader: MemberReader): boolean => {
  const scanner = new Scanner(reader);
  for (const chunk of chunks) if (!scanner.feed(chunk)) return false;
  return scanner.isDone;
};

// What may come next.
const VALUE = 0;
const VALUE_OR_END = 1;
const KEY = 2;
const KEY_OR_END = 3;
const COLON = 4;
const AFTER = 5;
const STRING = 6;
const ESCAPE = 7;
const WORD = 8;
const TAKEN = 9;
const DONE = 10;
const BROKEN = 11;

const [QUOTE, BACKSLASH, COMMA, COLON_SIGN] = [0x22, 0x5c, 0x2c, 0x3a];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];
const ZERO = 0x30;
const LIST = false;
const OBJECT = true;
const DEEPEST = 1000;
const WORDS = /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/;
const ESCAPES = /^(?:["\\/bfnrt]|u[0-9a-fA-F]{4})$/;

class Scanner {
  readonly #reader: MemberReader;
  #state = VALUE;
  /** The containers around: true for an object. */
  readonly #around: boolean[] = [];
  #isKey = false;
  #name = "";
  #taking: Taking = "skip";
  /** Bytes of what is being kept, from chunks before this one. */
  #kept: Uint8Array[] = [];
  #escape = "";
  #depth = 0;
  #inString = false;
  #isEscaped = false;
  #isFirst = true;

  constructor(reader: MemberReader) {
    this.#reader = reader;
  }

  get isDone(): boolean {
    return this.#state === DONE;
  }

  feed(chunk: Uint8Array): boolean {
    let at = 0;
    if (this.#isFirst && chunk.length > 0) {
      this.#isFirst = false;
      if (chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf) at = 3;
    }
    while (at < chunk.length && this.#state !== BROKEN) at = this.#step(chunk, at);
    return this.#state !== BROKEN;
  }

  #step(chunk: Uint8Array, at: number): number {
    switch (this.#state) {
      case STRING:
        return this.#string(chunk, at);
      case ESCAPE:
        return this.#escaped(chunk, at);
      case WORD:
        return this.#word(chunk, at);
      case TAKEN:
        return this.#taken(chunk, at);
      default:
        return this.#sign(chunk, at);
    }
  }

  /** A sign outside of words and strings. */
  #sign(chunk: Uint8Array, at: number): number {
    const byte = chunk[at] ?? 0;
    if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) return at + 1;
    switch (this.#state) {
      case VALUE:
      case VALUE_OR_END:
        if (this.#state === VALUE_OR_END && byte === CLOSE_LIST) return this.#close(LIST, at);
        return this.#value(chunk, at);
      case KEY:
      case KEY_OR_END:
        if (this.#state === KEY_OR_END && byte === CLOSE_OBJECT) return this.#close(OBJECT, at);
        return byte === QUOTE ? this.#openString(true, chunk, at) : this.#break(at);
      case COLON:
        return byte === COLON_SIGN ? this.#next(VALUE, at) : this.#break(at);
      case AFTER:
        return this.#after(byte, at);
      default:
        return this.#break(at);
    }
  }

  #value(chunk: Uint8Array, at: number): number {
    const byte = chunk[at] ?? 0;
    const { length } = this.#around;
    if ((length === 1 && this.#taking === "whole") || (length === 2 && this.#taking === "each")) {
      [this.#depth, this.#inString, this.#isEscaped] = [0, false, false];
      return this.#next(TAKEN, at - 1);
    }
    if (length === 1 && this.#taking === "each" && byte !== OPEN_LIST) return this.#break(at);
    if (length === 0 && byte !== OPEN_OBJECT) return this.#break(at);
    if (byte === OPEN_OBJECT) return this.#open(OBJECT, at);
    if (byte === OPEN_LIST) return this.#open(LIST, at);
    if (byte === QUOTE) return this.#openString(false, chunk, at);
    this.#state = WORD;
    return this.#word(chunk, at);
  }

  #after(byte: number, at: number): number {
    const inObject = this.#around.at(-1) === OBJECT;
    if (byte === COMMA) return this.#next(inObject ? KEY : VALUE, at);
    if (byte === CLOSE_OBJECT) return this.#close(OBJECT, at);
    return byte === CLOSE_LIST ? this.#close(LIST, at) : this.#break(at);
  }

  #open(kind: boolean, at: number): number {
    this.#around.push(kind);
    if (this.#around.length > DEEPEST) return this.#break(at);
    return this.#next(kind === OBJECT ? KEY_OR_END : VALUE_OR_END, at);
  }

  #close(kind: boolean, at: number): number {
    if (this.#around.pop() !== kind) return this.#break(at);
    return this.#next(this.#around.length === 0 ? DONE : AFTER, at);
  }

  #openString(isKey: boolean, chunk: Uint8Array, at: number): number {
    this.#isKey = isKey;
    this.#state = STRING;
    return this.#string(chunk, at + 1);
  }

  #string(chunk: Uint8Array, from: number): number {
    const { length } = chunk;
    let at = from;
    for (; at < length; at += 1) {
      const byte = chunk[at] as number;
      if (byte === QUOTE) return this.#closeString(chunk, from, at);
      if (byte === BACKSLASH) {
        this.#keepName(chunk, from, at + 1);
        this.#escape = "";
        return this.#next(ESCAPE, at);
      }
      if (byte < 0x20) return this.#break(at);
    }
    this.#keepName(chunk, from, at);
    return at;
  }

  #escaped(chunk: Uint8Array, at: number): number {
    this.#escape += String.fromCharCode(chunk[at] ?? 0);
    this.#keepName(chunk, at, at + 1);
    if (this.#escape.startsWith("u") && this.#escape.length < 5) return at + 1;
    return ESCAPES.test(this.#escape) ? this.#next(STRING, at) : this.#break(at);
  }

  #keepName(chunk: Uint8Array, from: number, to: number): void {
    if (this.#isKey && this.#around.length === 1) this.#kept.push(chunk.slice(from, to));
  }

  #closeString(chunk: Uint8Array, from: number, at: number): number {
    if (!this.#isKey) return this.#next(AFTER, at);
    if (this.#around.length === 1) {
      this.#name = JSON.parse(`"${this.#keptText(chunk, from, at)}"`) as string;
      this.#taking = this.#reader.taking(this.#name);
    }
    if (chunk[at + 1] === COLON_SIGN) return this.#next(VALUE, at + 1);
    return this.#next(COLON, at);
  }

  #word(chunk: Uint8Array, from: number): number {
    let at = from;
    if (this.#kept.length === 0) {
      // Most are short whole numbers: nothing to make a text of.
      while (isDigit(chunk[at] ?? 0)) at += 1;
      const isWhole = at > from && (chunk[from] !== ZERO || at === from + 1);
      if (isWhole && at < chunk.length && !isOfWord(chunk[at] ?? 0)) return this.#next(AFTER, at - 1);
    }
    while (at < chunk.length && isOfWord(chunk[at] ?? 0)) at += 1;
    if (at === chunk.length) {
      this.#kept.push(chunk.slice(from, at));
      return at;
    }
    return WORDS.test(this.#keptText(chunk, from, at)) ? this.#next(AFTER, at - 1) : this.#break(at);
  }

  /** Inside of what is taken only brackets and strings count: whoever parses it sees the rest. */
  #taken(chunk: Uint8Array, from: number): number {
    const { length } = chunk;
    let at = this.#isEscaped ? from + 1 : from;
    let depth = this.#depth;
    let inString = this.#inString;
    for (; at < length; at += 1) {
      const byte = chunk[at] as number;
      if (inString) {
        if (byte === QUOTE) inString = false;
        else if (byte === BACKSLASH) at += 1;
      } else if (byte === QUOTE) inString = true;
      else if (byte === OPEN_OBJECT || byte === OPEN_LIST) depth += 1;
      else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) {
        if (depth === 0) return this.#handOut(chunk, from, at);
        depth -= 1;
      } else if (byte === COMMA && depth === 0) return this.#handOut(chunk, from, at);
    }
    this.#isEscaped = at > length;
    [this.#depth, this.#inString] = [depth, inString];
    this.#kept.push(chunk.slice(from));
    return length;
  }

  #handOut(chunk: Uint8Array, from: number, at: number): number {
    this.#reader.take(this.#name, this.#keptText(chunk, from, at));
    return this.#next(AFTER, at - 1);
  }

  #keptText(chunk: Uint8Array, from: number, to: number): string {
    const here = Buffer.from(chunk.buffer, chunk.byteOffset + from, to - from);
    if (this.#kept.length === 0) return here.toString("utf8");
    const whole = Buffer.concat([...this.#kept, here]).toString("utf8");
    this.#kept = [];
    return whole;
  }

  #next(state: number, at: number): number {
    this.#state = state;
    return at + 1;
  }

  #break(at: number): number {
    return this.#next(BROKEN, at);
  }
}

/** Digits, letters, `+`, `-` and `.`: numbers, true, false and null. */
const isOfWord = (byte: number): boolean =>
  isDigit(byte) ||
  (byte >= 0x61 && byte <= 0x7a) ||
  byte === 0x2d ||
  byte === 0x2e ||
  byte === 0x2b ||
  byte === 0x45;

const isDigit = (byte: number): boolean => byte >= ZERO && byte <= 0x39;
