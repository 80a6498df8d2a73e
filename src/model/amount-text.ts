/** `9,500`, `1.2 million`, `420 million`, `3.1 billion`. */
export const countText = (count: number): string => {
  for (const [unit, word] of UNITS) if (count >= unit) return `${scaled(count / unit)} ${word}`;
  return count.toLocaleString("en-US");
};

const UNITS: readonly (readonly [number, string])[] = [
  [1e9, "billion"],
  [1e6, "million"],
];

/** `0.05` as `5 %`. */
export const shareText = (share: number): string => `${Number((share * 100).toFixed(4))} %`;

const BYTES = ["bytes", "kB", "MB", "GB", "TB", "PB"];

/** `512 kB`, `310 GB`. */
export const bytesText = (bytes: number): string => {
  let [left, unit] = [bytes, 0];
  while (left >= 1024 && unit < BYTES.length - 1) [left, unit] = [left / 1024, unit + 1];
  return `${scaled(left)} ${BYTES[unit] ?? ""}`;
};

const scaled = (value: number): string => (value >= 10 ? value.toFixed(0) : String(Number(value.toFixed(1))));
