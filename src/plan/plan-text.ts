import { isJsonObject, type JsonObject } from "../model/json.ts";
import { tryParseJson } from "../model/lossless-json.ts";

/**
 * The JSON objects that a file holds. Mostly one; wrappers write a command line before it or text after it, and
 * Terragrunt writes one per unit. Empty where there is none.
 */
export const documentsIn = (text: string): readonly JsonObject[] => {
  const body = text.replace(/^\uFEFF/, "");
  const whole = tryParseJson(body);
  if (whole !== undefined) return isJsonObject(whole) ? [whole] : [];
  return scan(body);
};

// An object may begin on a line of its own, or anywhere when it shows itself to be a plan.
const START = /^[ \t]*\{|\{(?=\s*"format_version")/gm;

const scan = (text: string): readonly JsonObject[] => {
  const found: JsonObject[] = [];
  let from = 0;
  while (from < text.length) {
    START.lastIndex = from;
    const start = START.exec(text);
    if (!start) break;
    const open = start.index + start[0].length - 1;
    const close = endOfObject(text, open);
    if (close === -1) {
      from = open + 1;
      continue;
    }
    const value = tryParseJson(text.slice(open, close));
    if (isJsonObject(value)) found.push(value);
    from = isJsonObject(value) ? close : open + 1;
  }
  return found;
};

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}]/gs;

/** Index behind the brace that closes the one at `open`, braces in strings not counted; -1 where none does. */
const endOfObject = (text: string, open: number): number => {
  let depth = 0;
  TOKEN.lastIndex = open;
  for (let token = TOKEN.exec(text); token; token = TOKEN.exec(text)) {
    if (token[0] === "{") depth += 1;
    else if (token[0] === "}") depth -= 1;
    if (depth === 0) return TOKEN.lastIndex;
  }
  return -1;
};

/** Text of a file's bytes. PowerShell's `>` writes UTF-16, which is told by its mark or its zero bytes. */
export const decodePlanBytes = (bytes: Uint8Array): string => {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0x7b && second === 0)) {
    return new TextDecoder("utf-16le").decode(bytes);
  }
  if ((first === 0xfe && second === 0xff) || (first === 0 && second === 0x7b)) {
    return new TextDecoder("utf-16be").decode(bytes);
  }
  return new TextDecoder().decode(bytes);
};
