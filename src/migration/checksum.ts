/**
 * Flyway's checksum of a migration: CRC-32 over its lines in UTF-8 without their breaks (`\n`, `\r\n` or `\r`) and
 * without a byte order mark, as a signed 32-bit number.
 */
export const flywayChecksum = (text: string): number => {
  const source = text.startsWith("\uFEFF") ? text.slice(1) : text;
  let sum = 0xffffffff;
  for (const line of source.split(/\r\n|\n|\r/)) {
    for (const byte of Buffer.from(line, "utf8")) sum = (TABLE[(sum ^ byte) & 0xff] ?? 0) ^ (sum >>> 8);
  }
  return ~sum;
};

const TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});
