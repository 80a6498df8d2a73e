import { PlumblineError } from "../model/errors.ts";
import type { StandingProblem } from "../model/migration.ts";

/** @throws `sql-invalid` with the first problem and the number of the others */
export const refuseStanding = ({ problems }: { readonly problems: readonly StandingProblem[] }): void => {
  const [first, ...more] = problems;
  if (!first) return;
  const rest = more.length > 0 ? ` And ${more.length} more.` : "";
  throw new PlumblineError("sql-invalid", `${first.message}${rest}`, { hint: first.fix });
};

/** One migration as it was reviewed. */
type Named = Readonly<Record<"script", string> & Record<"checksum", string | number>>;

/** @throws `plan-changed` where something else is pending than was reviewed; anything may where nothing was */
export const refuseOther = (pending: readonly Named[], expected: readonly Named[] | undefined): void => {
  if (expected === undefined || wordsOf(pending) === wordsOf(expected)) return;
  throw new PlumblineError(
    "plan-changed",
    `Other migrations are pending than were planned: ${wordsOf(pending) || "none"}.`,
  );
};

const wordsOf = (migrations: readonly Named[]): string =>
  migrations.map(({ script, checksum }) => `${script} ${checksum}`).join(", ");
