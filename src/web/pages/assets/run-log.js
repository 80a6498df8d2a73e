// The log of a run in a browser: follows it while it grows, and searches in it. Without a script the page shows the same
// as of when it was loaded. Whatever the log says enters the page as text, never as markup.
import { phaseOf, piecesOf } from "./log-lines.js";

/** Lines that the page holds; the first ones go when there are more. */
const MOST_LINES = 20_000;

const log = document.querySelector("[data-log]");
const said = log.querySelector("[data-said]");
const search = log.querySelector("[data-search]");
const found = log.querySelector("[data-found]");
const follow = log.querySelector("[data-follow]");
/** What is typed hides the lines without it; sent, it is searched for in the whole log. */
let wanted = "";
let count = log.querySelectorAll(".l").length;

const phases = () => log.querySelectorAll("details");

const newPhase = (name) => {
  for (const one of phases()) if (wanted === "") one.open = false;
  const phase = document.createElement("details");
  const summary = document.createElement("summary");
  const lines = document.createElement("pre");
  phase.open = true;
  lines.className = "log";
  lines.tabIndex = 0;
  summary.append(`${name} `, Object.assign(document.createElement("span"), { className: "minor" }));
  phase.append(summary, lines);
  log.querySelector("[data-phases]").append(phase);
  lines.addEventListener("scroll", () => scrolled(lines));
  return phase;
};

const lineOf = (text) => {
  const line = document.createElement("span");
  line.className = "l";
  for (const piece of piecesOf(text))
    line.append(
      Object.assign(document.createElement("span"), { className: piece.tone, textContent: piece.text }),
    );
  line.hidden = !isFound(line);
  return line;
};

const add = (text) => {
  let phase = [...phases()].at(-1);
  for (const line of text.split("\n")) {
    const name = phaseOf(line);
    if (name !== undefined) {
      counted(phase);
      phase = newPhase(name);
      continue;
    }
    phase ??= newPhase("before");
    phase.querySelector("pre").append(lineOf(line));
    count += 1;
  }
  counted(phase);
  forget();
  if (follow.checked) toEnd();
  tellFound();
};

const counted = (phase) => {
  const minor = phase?.querySelector("summary .minor");
  if (minor) minor.textContent = `${phase.querySelectorAll(".l").length} lines`;
};

const forget = () => {
  const shortened = new Set();
  for (const line of log.querySelectorAll(".l")) {
    if (count <= MOST_LINES) break;
    shortened.add(line.closest("details"));
    line.remove();
    count -= 1;
  }
  for (const phase of shortened) counted(phase);
};

const toEnd = () => {
  const lines = [...phases()].at(-1)?.querySelector("pre");
  if (lines) lines.scrollTop = lines.scrollHeight;
};

/** Whoever scrolls up reads, and is not taken away from there. */
const scrolled = (lines) => {
  follow.checked = lines.scrollTop + lines.clientHeight >= lines.scrollHeight - 4;
};

const isFound = (line) => line.textContent.toLowerCase().includes(wanted);

const tellFound = () => {
  const hits = log.querySelectorAll(".l:not([hidden])").length;
  found.textContent =
    wanted === "" ? "" : `${hits} of ${count} lines that are shown. Search looks through the whole log.`;
};

const searched = () => {
  wanted = search.value.toLowerCase();
  for (const line of log.querySelectorAll(".l")) line.hidden = !isFound(line);
  for (const one of phases()) if (wanted !== "") one.open = one.querySelector(".l:not([hidden])") !== null;
  tellFound();
};

const followed = (address) => {
  const stream = new EventSource(address);
  const tell = (text) => {
    if (said.textContent !== text) said.textContent = text;
  };
  stream.addEventListener("open", () => tell("Followed as it grows."));
  stream.addEventListener("log", ({ data }) => add(data));
  stream.addEventListener("end", ({ data }) => {
    stream.close();
    tell(`The run has ended: ${JSON.parse(data).state}. `);
    const again = document.createElement("a");
    // Without its anchor: to that a browser would only scroll.
    again.href = location.pathname + location.search;
    again.textContent = "Load the page again";
    said.append(again);
  });
  // The browser comes back by itself, and says where it was.
  stream.addEventListener("error", () =>
    tell(
      stream.readyState === EventSource.CLOSED
        ? "The log is not followed any more. Load the page again."
        : "The connection was lost. Trying again ...",
    ),
  );
};

log.querySelector("[data-tools]").hidden = false;
for (const lines of log.querySelectorAll("pre.log")) lines.addEventListener("scroll", () => scrolled(lines));
search.addEventListener("input", searched);
follow.addEventListener("change", () => follow.checked && toEnd());
toEnd();
if (log.dataset.log !== "") followed(log.dataset.log);
