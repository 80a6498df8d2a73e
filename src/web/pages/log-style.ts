/** Colours of a log, by twelve hues from red over green and blue: as text, and as ground under any of them. */
export const LOG_COLOURS = {
  light: {
    text: [
      "9b2017",
      "844005",
      "595905",
      "2f6403",
      "026802",
      "026730",
      "036262",
      "0052a9",
      "254dac",
      "5d3ba3",
      "822a80",
      "961c4d",
    ],
    ground: [
      "fee0db",
      "fde2d1",
      "e9ebc5",
      "d9f0cf",
      "d5f1d2",
      "d1f2d7",
      "c2f3f2",
      "dae9ff",
      "dee8fd",
      "e8e4fd",
      "fbddf9",
      "fddfe6",
    ],
  },
  dark: {
    text: [
      "ffb0a4",
      "feb486",
      "cdcf64",
      "a0db84",
      "94dd8e",
      "84df9c",
      "3be1e1",
      "a5cafd",
      "acc7fe",
      "cabdfd",
      "f5a8f2",
      "feadc1",
    ],
    ground: [
      "451e19",
      "42220b",
      "2d2e03",
      "1d3212",
      "183316",
      "10341b",
      "023333",
      "162c49",
      "1c2a49",
      "2d2546",
      "3b203a",
      "431d29",
    ],
  },
};

const rules = ({ text, ground }: (typeof LOG_COLOURS)["light"]): string =>
  [
    ...text.map((colour, hue) => `.h${hue}{color:#${colour}}`),
    ...ground.map((colour, hue) => `.b${hue}{background:#${colour}}`),
    `.c6{color:#${text[6]}}`,
  ].join("");

/** Lines of a log: eight colours are those of the pages, all others the nearest hue. */
export const LOG_STYLE = `
.l{display:block;min-height:1.45em}
.l .bold{font-weight:700}.c1{color:var(--bad)}.c2{color:var(--good)}.c3{color:var(--warn)}.c4{color:var(--note)}.c5{color:var(--s3)}.dim{color:var(--minor)}
${rules(LOG_COLOURS.light)}
@media (prefers-color-scheme:dark){${rules(LOG_COLOURS.dark)}}
.found{padding-left:0;list-style:none}
.found li{overflow-wrap:anywhere;padding:.15rem 0}
mark{background:var(--warn-g);color:var(--warn)}
`;
