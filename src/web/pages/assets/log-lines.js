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
    const tone = [look.colour, look.bold ? "bold" : ""].filter((one) => one !== "").join(" ");
    if (text !== "") pieces.push({ text, tone });
  };
  for (const order of line.matchAll(ORDER)) {
    take(line.slice(at, order.index));
    at = order.index + order[0].length;
    if (order[2] === "m") look = coloured(look, order[1].split(/[;:]/).map(Number));
  }
  take(line.slice(at));
  return pieces;
};

const PLAIN = { colour: "", bold: false };

const coloured = (before, codes) => {
  let look = before;
  for (let at = 0; at < codes.length; at += 1) {
    const code = codes[at];
    if (code === 0) look = PLAIN;
    else if (code === 1) look = { ...look, bold: true };
    else if (code === 22) look = { ...look, bold: false };
    else if (code === 39) look = { ...look, colour: "" };
    else if ((code >= 30 && code <= 37) || (code >= 90 && code <= 97))
      look = { ...look, colour: `c${code % 10}` };
    // Colours out of a palette have numbers of their own behind them; they are not shown.
    else if (code === 38 || code === 48) at += codes[at + 1] === 5 ? 2 : 4;
  }
  return look;
};
