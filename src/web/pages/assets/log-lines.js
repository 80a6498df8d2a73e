// Runs in browsers and on the server: how one line of a run's log is shown. Its types stand in log-lines.d.ts.

/** A phase begins with a line `== NAME`; undefined for any other line. */
export const phaseOf = (line) => /^== (.+)$/.exec(line)?.[1];

const ESC = "\\x1b";
const BELL = "\\x07";
// A colour or another order to a terminal (CSI), a title (OSC), or any other sign that is not shown.
const ORDER = new RegExp(
  [
    `${ESC}\\[([0-9;:?]*)[ -/]*([@-~])`,
    `${ESC}\\][^${BELL}${ESC}]*(?:${BELL}|${ESC}\\\\)?`,
    "(?!\\t)\\p{Cc}",
  ].join("|"),
  "gu",
);

/** The line in pieces of one look each; `tone` holds class names, empty where nothing is special. */
export const piecesOf = (line) => {
  const pieces = [];
  let look = PLAIN;
  let at = 0;
  const take = (text) => {
    const tone = [look.colour, look.ground, look.bold ? "bold" : ""].filter((one) => one !== "").join(" ");
    if (text !== "") pieces.push({ text, tone });
  };
  for (const order of line.matchAll(ORDER)) {
    take(line.slice(at, order.index));
    at = order.index + order[0].length;
    if (order[2] === "m") look = lookAfter(look, order[1].split(";"));
  }
  take(line.slice(at));
  return pieces;
};

const PLAIN = { colour: "", ground: "", bold: false };

const lookAfter = (before, codes) => {
  let look = before;
  for (let at = 0; at < codes.length; at += 1) {
    const [code, ...parts] = codes[at].split(":").map(Number);
    if (code === 38 || code === 48) {
      // Written `38:2::R:G:B`, or in codes of their own: `38;2;R;G;B`, `38;5;N`.
      const length = Number(codes[at + 1]) === 5 ? 2 : 4;
      const given = parts.length > 0 ? parts : codes.slice(at + 1, at + 1 + length).map(Number);
      if (parts.length === 0) at += length;
      look = code === 38 ? { ...look, colour: toneOf("h", given) } : { ...look, ground: toneOf("b", given) };
    } else look = plainly(look, code);
  }
  return look;
};

const plainly = (look, code) => {
  if (code === 0) return PLAIN;
  if (code === 1 || code === 22) return { ...look, bold: code === 1 };
  if (code === 39) return { ...look, colour: "" };
  if (code === 49) return { ...look, ground: "" };
  if (code === 90) return { ...look, colour: "dim" };
  if ((code >= 30 && code <= 37) || (code >= 91 && code <= 97)) return { ...look, colour: `c${code % 10}` };
  if ((code >= 40 && code <= 47) || (code >= 100 && code <= 107))
    return { ...look, ground: toneOf("b", [5, code % 10]) };
  return look;
};

/** One of twelve hues that can be read on either ground, for `[5, N]` of the 256 or `[2, R, G, B]`. */
const toneOf = (kind, [mode, ...rest]) => {
  if (mode === 5 && kind === "h" && rest[0] < 16) return rest[0] === 8 ? "dim" : `c${rest[0] % 8}`;
  const [red, green, blue] = mode === 5 ? ofPalette(rest[0]) : rest.slice(-3);
  const most = Math.max(red, green, blue);
  const spread = most - Math.min(red, green, blue);
  const isGrey = !(spread >= most * 0.2);
  if (isGrey && kind === "h" && most >= 80 && most <= 200) return "dim";
  // Nearly black or white is what the page's own text and ground are.
  if (isGrey || most < 50) return "";
  return kind + (Math.round(hueOf(red, green, blue, most, spread) * 2) % 12);
};

/** 0 to 6: red, yellow, green, cyan, blue, magenta and red again. */
const hueOf = (red, green, blue, most, spread) => {
  if (most === red) return ((green - blue) / spread + 6) % 6;
  return most === green ? (blue - red) / spread + 2 : (red - green) / spread + 4;
};

const STEPS = [0, 95, 135, 175, 215, 255];

const ofPalette = (index) => {
  if (index < 16) {
    const light = index === 7 ? 192 : index < 8 ? 128 : 255;
    return [1, 2, 4].map((bit) => ((index & bit) === 0 ? 0 : light));
  }
  if (index >= 232) return Array(3).fill(8 + (index - 232) * 10);
  const place = index - 16;
  return [Math.floor(place / 36), Math.floor(place / 6) % 6, place % 6].map((step) => STEPS[step]);
};
