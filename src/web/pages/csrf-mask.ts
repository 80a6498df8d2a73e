import { randomBytes } from "node:crypto";

/**
 * A form's word, written another way on each page: compressed pages of which others choose a part must not give it
 * away by their length. `unmasked` reads it back; what is none gives "".
 */
export const masked = (word: string): string => {
  const plain = Buffer.from(word);
  const mask = randomBytes(plain.length);
  return Buffer.concat([mask, mixed(plain, mask)]).toString("base64url");
};

export const unmasked = (text: string): string => {
  const all = Buffer.from(text, "base64url");
  const half = all.length / 2;
  return Number.isInteger(half) ? mixed(all.subarray(half), all.subarray(0, half)).toString() : "";
};

const mixed = (text: Buffer, mask: Buffer): Buffer =>
  Buffer.from(text.map((byte, index) => byte ^ (mask[index] ?? 0)));
