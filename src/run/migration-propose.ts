import { asPlumblineError } from "../model/errors.ts";
import type { MigrationProposal } from "../model/migration-proposal.ts";
import { type DriftCode, failedCode, keepDriftCode } from "./drift-code.ts";
import type { FoundDrift } from "./findings.ts";
import type { Scratch } from "./frame.ts";
import type { PreparedMigrations } from "./migration-prepare.ts";
import type { World } from "./world.ts";

/**
 * Writes the migration that explains what is live, proven, for the drift branch. It does nothing to the database that
 * was changed by hand, so that merging it is the way to keep the change.
 */
export const proposeFound = async (
  world: World,
  scratch: Scratch,
  prepared: PreparedMigrations,
  look: FoundDrift,
): Promise<void> => {
  const { runner, call, tree } = prepared;
  if (!runner.propose) return;
  const propose = runner.propose.bind(runner);
  await keepDriftCode(world, scratch, tree.commit, look, async (findings) => {
    try {
      const proposal = await scratch.step("formalize", () => propose(call, "formalize", world.clock.now()));
      const secrets = await world.secretScanner.looksSecret(new Set(proposal.files.map(({ text }) => text)));
      if (secrets.size > 0) return failedCode(tree.commit, findings, SECRET);
      return codeOf(world, scratch.workspace.dir, tree.commit, findings, proposal);
    } catch (failure) {
      const { message } = asPlumblineError(failure);
      scratch.log.line(`formalize failed: ${message}`);
      return failedCode(tree.commit, findings, world.redactor.redact(message.split("\n")[0] ?? ""));
    }
  });
};

const SECRET = "what is live holds something that looks like a secret, which does not belong into Git";

const codeOf = (
  { redactor }: World,
  dir: string,
  base: string,
  findings: FoundDrift["findings"],
  { files, unwritten, hotFixes, proof }: MigrationProposal,
): DriftCode => {
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
  return {
    base,
    result: refused.length === 0 ? "proven" : formalized.length === 0 ? "refused" : "partial",
    files: proven
      ? Object.fromEntries(files.map(({ path, text }) => [dir === "." ? path : `${dir}/${path}`, text]))
      : {},
    formalized: proven ? formalized : [],
    refused,
    remaining: [],
    shared: [],
    proof: null,
  };
};
