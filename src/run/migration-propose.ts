import { asPlumblineError } from "../model/errors.ts";
import type { MigrationProposal, ProposalWish } from "../model/migration-proposal.ts";
import { pathIn } from "../model/workspace.ts";
import { type DriftCode, failedCode, keepDriftCode } from "./drift-code.ts";
import { driftSelection, revertAskedBy } from "./drift-selection.ts";
import type { FoundDrift } from "./findings.ts";
import type { Scratch } from "./frame.ts";
import type { PreparedMigrations } from "./migration-prepare.ts";
import { migrationProof } from "./migration-proof.ts";
import type { World } from "./world.ts";

/**
 * Writes the migration that explains what is live, proven, for the drift branch, or, where somebody asked for a revert,
 * the one that takes it back. Nothing is done to any database before a person merges it.
 */
export const proposeFound = async (
  world: World,
  scratch: Scratch,
  prepared: PreparedMigrations,
  look: FoundDrift,
): Promise<void> => {
  const { runner, call, tree } = prepared;
  const { key, dir } = scratch.workspace;
  const acceptedBy = await revertAskedBy(world, key);
  const purpose = acceptedBy === null ? "formalize" : "revert";
  const selected = (await driftSelection(world, key)).length > 0;
  const write = async (findings: FoundDrift["findings"]): Promise<DriftCode> => {
    try {
      const only = selected ? [...new Set(findings.map(({ address }) => address))] : [];
      const wish = { purpose, now: world.clock.now(), only, acceptedBy } as const;
      const proposal = await scratch.step(purpose, () => runner.propose(call, wish));
      const secrets = await world.secretScanner.looksSecret(new Set(proposal.files.map(({ text }) => text)));
      if (secrets.size > 0) return failedCode(tree.commit, findings, SECRET);
      return codeOf(world, dir, tree.commit, findings, proposal, purpose);
    } catch (failure) {
      const { message } = asPlumblineError(failure);
      scratch.log.line(`${purpose} failed: ${message}`);
      return failedCode(tree.commit, findings, world.redactor.redact(message.split("\n")[0] ?? ""));
    }
  };
  await keepDriftCode(world, scratch, tree.commit, look, write, `${purpose} ${acceptedBy ?? ""}`);
};

const SECRET = "what is live holds something that looks like a secret, which does not belong into Git";

const codeOf = (
  { redactor, key }: Pick<World, "redactor" | "key">,
  dir: string,
  base: string,
  findings: FoundDrift["findings"],
  proposal: MigrationProposal,
  purpose: ProposalWish["purpose"],
): DriftCode => {
  const { unwritten, hotFixes, proof } = proposal;
  const proven = proof?.elsewhere.proven === true && (proof.live === null || proof.live.proven);
  const reasonFor = (address: string): string | null =>
    unwritten.find((each) => each.address === address)?.why ??
    (proven ? null : (hotFixes[0]?.advice ?? "the files could not be proven on a replay and a copy of live"));
  const places = findings.map(({ address, path }) => ({ address, path, reason: reasonFor(address) }));
  const refused = places.flatMap((place) =>
    place.reason === null ? [] : [{ ...place, reason: redactor.redact(place.reason) }],
  );
  const formalized = places
    .filter(({ reason }) => reason === null)
    .map(({ address, path }) => ({ address, path }));
  const held = findings.filter((_finding, index) => places[index]?.reason === null);
  const files = proven ? inRepository(dir, proposal.files) : {};
  return {
    base,
    result: refused.length === 0 ? "proven" : formalized.length === 0 ? "refused" : "partial",
    files,
    formalized: proven ? formalized : [],
    refused,
    remaining: [],
    shared: [],
    proof:
      Object.keys(files).length === 0
        ? null
        : migrationProof(key, purpose, { files, runs: proposal.runs }, held),
    migration: {
      purpose,
      class: proposal.class,
      destroys: proposal.destroys.map((what) => redactor.redact(what)),
      hazards: proposal.findings.map(({ file, line, rule, message }) =>
        redactor.redact(`${file}:${line} ${rule}: ${message}`),
      ),
    },
  };
};

const inRepository = (dir: string, files: MigrationProposal["files"]): Readonly<Record<string, string>> =>
  Object.fromEntries(files.map(({ path, text }) => [pathIn(dir, path), text]));
