import type { Run } from "../model/run.ts";
import type { MigrationStepRow } from "../ports/ledger-migrations.ts";
import type { World } from "./world.ts";

/** A migration that stopped half-way, as each run has it that left it so: newest first, the apply that began it last. */
export interface BrokenMigration {
  readonly rows: readonly [MigrationStepRow, ...MigrationStepRow[]];
  /** That apply; null where it is not known any more. */
  readonly apply: Run | null;
}

/** The migration that a workspace's last apply left half-way; null where all of them are said to have ended. */
export const brokenMigration = async (
  { ledger }: Pick<World, "ledger">,
  workspace: string,
): Promise<BrokenMigration | null> => {
  const ran = await Promise.all(
    (["apply", "state"] as const).map((kind) => ledger.runs.list({ workspace, kind })),
  );
  const rows: MigrationStepRow[] = [];
  for (const run of ran.flat().toSorted((a, b) => b.createdAt.getTime() - a.createdAt.getTime())) {
    const open = (await ledger.migrations.of(run.id)).find(isOpen);
    if (!open || (rows[0] && !isSame(open, rows[0]))) continue;
    rows.push(open);
    if (run.kind === "apply") return { rows: [rows[0] ?? open, ...rows.slice(1)], apply: run };
  }
  const [newest, ...others] = rows;
  return newest ? { rows: [newest, ...others], apply: null } : null;
};

const isOpen = ({ statement, state }: MigrationStepRow): boolean => statement === 0 && OPEN.includes(state);
const OPEN: readonly MigrationStepRow["state"][] = ["running", "unknown", "failed-partial"];

const isSame = (one: MigrationStepRow, other: MigrationStepRow): boolean =>
  one.script === other.script && one.checksum === other.checksum;
