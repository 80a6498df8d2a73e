const SHORTEST_SECRET = 6;
// A line or a base64 piece of a secret is taken for it only where chance is no likely author.
const SHORTEST_PIECE = 10;

/** Every spelling in which a secret is met in logs: as it is, escaped, encoded, and line by line. */
export const formsOf = (secret: string): readonly string[] => {
  const values = [secret, secret.trim()].filter((value) => value.length >= SHORTEST_SECRET);
  const lines = secret.includes("\n") ? secret.split(/\r?\n/).map((line) => line.trim()) : [];
  const whole = [...values, ...lines.filter((line) => line.length >= SHORTEST_PIECE)];
  return [...new Set(whole.flatMap(spellings))].filter((form) => form.length >= SHORTEST_SECRET);
};

const spellings = (value: string): readonly string[] => {
  const json = JSON.stringify(value).slice(1, -1);
  return [
    value,
    json,
    // A JSON document inside a JSON document, and the engine's own escapes of templates.
    JSON.stringify(json).slice(1, -1),
    json.replace(/[$%](?=\{)/g, (sign) => sign + sign),
    value.replaceAll("\n", "\r\n"),
    encodeURIComponent(value.toWellFormed()),
    encodeURIComponent(value.toWellFormed()).replaceAll("%20", "+"),
    escapedHtml(value),
    Buffer.from(value).toString("hex"),
    ...base64Forms(value),
  ];
};

const escapedHtml = (value: string): string =>
  value
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");

/** Inside a longer text (`user:SECRET`) base64 looks one of three ways, by where the secret starts. */
const base64Forms = (value: string): readonly string[] =>
  [0, 1, 2].flatMap((offset) => {
    const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(value)]);
    const lead = offset === 0 ? 0 : offset + 1;
    const sure = bytes.toString("base64").slice(lead, Math.floor((bytes.length * 8) / 6));
    const url = sure.replaceAll("+", "-").replaceAll("/", "_");
    return sure.length < SHORTEST_PIECE && offset > 0 ? [] : [sure, url];
  });
