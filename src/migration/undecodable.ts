import { placesIn } from "./place.ts";

/** Why bytes are no text in an encoding, and what to do: `file:line:column` of the first wrong one where that can be told. */
export const undecodable = (
  file: string,
  bytes: Uint8Array,
  encoding: string,
): { readonly message: string; readonly hint: string } => {
  const order = startOfUtf16(bytes);
  if (order !== null)
    return {
      message: `${file} is no ${encoding} text: it begins as UTF-16 does.`,
      hint: `Save it as UTF-8, or say \`encoding=${order}\` in ${file}.conf.`,
    };
  const place = firstWrong(bytes, encoding);
  return {
    message: `${place === null ? file : `${file}:${place}`} is no ${encoding} text.`,
    hint: `Save it as UTF-8, or say how it is encoded, such as \`encoding=ISO-8859-1\` in ${file}.conf.`,
  };
};

const startOfUtf16 = ([first, second]: Uint8Array): string | null => {
  if (first === 0xff && second === 0xfe) return "UTF-16LE";
  return first === 0xfe && second === 0xff ? "UTF-16BE" : null;
};

/** Null where the encoding itself is unknown. */
const firstWrong = (bytes: Uint8Array, encoding: string): string | null => {
  try {
    const text = new TextDecoder(encoding).decode(bytes);
    const at = text.indexOf("\uFFFD");
    if (at === -1) return null;
    const { line, column } = placesIn(text, false)(at);
    return `${line}:${column}`;
  } catch {
    return null;
  }
};
