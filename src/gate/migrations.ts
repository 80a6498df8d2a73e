import type { GateReason } from "../model/decision.ts";
import type { MigrationSummary } from "../model/migration.ts";

/** What denies a plan of migrations whoever approves it: a history that the files do not explain, and errors of the analysis. */
export const migrationGate = ({ problems, migrations }: MigrationSummary): readonly GateReason[] => {
  const errors = migrations.flatMap(({ findings }) =>
    findings.filter(({ severity }) => severity === "error"),
  );
  return [
    ...problems.map(({ problem, message, fix }) => ({
      gate: `migration-${problem}`,
      message,
      wayOut: fix,
    })),
    ...(errors.length === 0
      ? []
      : [
          {
            gate: "migration-analysis",
            message:
              errors.length === 1
                ? "A statement is dangerous as it is written"
                : `${errors.length} statements are dangerous as they are written`,
            details: errors.map(
              ({ file, line, rule, message, fix }) => `${file}:${line} ${rule}: ${message} ${fix}`,
            ),
            wayOut:
              'Write them as told, or accept one by `-- plumbline:ignore RULE reason="..." owner="..."` before the statement',
          },
        ]),
  ];
};
