import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { PlumblineError } from "../model/errors.ts";
import { placeText } from "../model/finding.ts";
import type { MigrationProof, MigrationProposal, ProofSide } from "../model/migration-proposal.ts";
import { type Call, EXIT, printable, printJson } from "./command.ts";

/** Prints a proposal, and with `--write` puts its files into the folder: 2 where something is left to a person. */
export const tellProposal = async (call: Call, proposal: MigrationProposal): Promise<number> => {
  const proven = isProven(proposal.proof);
  const write = call.options["write"] === true && proven;
  if (write) await writeFiles(call, proposal);
  if (call.json) printJson(call, { ...proposal, written: write && proposal.files.length > 0 });
  else call.out(render(proposal, write));
  return proven && proposal.unwritten.length === 0 && (proposal.files.length > 0 || !hasMore(proposal))
    ? EXIT.done
    : EXIT.somethingToSay;
};

const hasMore = ({ hotFixes, unwritten }: MigrationProposal): boolean =>
  hotFixes.length > 0 || unwritten.length > 0;

const isProven = (proof: MigrationProof | null): boolean =>
  proof === null || (proof.elsewhere.proven && (proof.live === null || proof.live.proven));

const writeFiles = async (call: Call, { files }: MigrationProposal): Promise<void> => {
  const dir = resolve(call.cwd, call.args[0] ?? ".");
  for (const { path, text, replaces } of files) {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), text, { flag: replaces ? "w" : "wx" }).catch((cause: unknown) => {
      throw new PlumblineError("sql-unreadable", `${path} cannot be written.`, { cause });
    });
  }
};

const NOTHING = {
  formalize: "Nothing to formalize: history and live schema are at one.",
  revert: "Nothing to take back: history and live schema are at one.",
  declare: "Nothing to propose: the folder makes the desired schema.",
} as const;

const render = (proposal: MigrationProposal, written: boolean): string => {
  const { files, hotFixes, unwritten, renames, destroys, findings } = proposal;
  const lines = [
    ...(files.length === 0 && !hasMore(proposal) ? [NOTHING[proposal.purpose]] : []),
    ...files.flatMap(({ path, text, replaces }) => [
      `${written ? "Written" : "To write"}: ${path}${replaces ? " (in place of the one that is there)" : ""}`,
      ...text
        .trimEnd()
        .split("\n")
        .map((line) => `  ${line}`),
      "",
    ]),
    ...(files.length === 0 ? [] : [`Class ${proposal.class}, by what it does where it has something to do.`]),
    ...destroys.map((what) => `Destroys ${what}.`),
    ...findings.map(({ file, line, rule, message }) => `${file}:${line}: ${rule}: ${message}`),
    ...hotFixes.map(({ script, places, advice }) => `By hand: ${script} (${places.join(", ")}). ${advice}`),
    ...renames.map(
      ({ address, from, to, sql }) =>
        `${address}: ${from} goes and ${to} comes. If that is a rename, write: ${sql}`,
    ),
    ...unwritten.map(
      ({ address, path, why }) => `Not written: ${address}${path === "" ? "" : ` ${path}`}: ${why}.`,
    ),
    ...proofLines(proposal.proof),
  ];
  return `${lines
    .flatMap((line) => line.split("\n"))
    .map(printable)
    .join("\n")}\n`;
};

const proofLines = (proof: MigrationProof | null): readonly string[] =>
  proof === null
    ? []
    : [
        ...sideLines("Replayed from nothing", proof.elsewhere),
        ...(proof.live === null ? [] : sideLines("On a copy of the live schema", proof.live)),
      ];

const sideLines = (where: string, { proven, left, error }: ProofSide): readonly string[] => [
  `${where}: ${proven ? "proven" : "NOT proven"}${error === null ? "" : `: ${error}`}`,
  ...left.map((finding) => `  still differs: ${placeText(finding)}`),
];
