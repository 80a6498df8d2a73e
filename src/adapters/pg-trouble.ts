import { PlumblineError } from "../model/errors.ts";
import { isConnectionLost, StatementFailed } from "./flyway-statements.ts";
import { serverWords, type Target, wordsFor } from "./pg-session.ts";

/**
 * Works in a session, closes it whatever happens, and says in words for people what the server refused beside the
 * statements of files, which tell it themselves. @throws `database-refused`, `database-unavailable`
 */
export const inSession = async <Result>(
  target: Target,
  work: (target: Target) => Promise<Result>,
): Promise<Result> => {
  try {
    return await work(target);
  } catch (thrown) {
    throw asTargetTrouble(thrown, target);
  } finally {
    await target.close();
  }
};

/** What a person can do about a refusal, by SQLSTATE. */
const REFUSALS: Readonly<Record<string, string>> = {
  "42501": "Give the role of this connection what it lacks (GRANT), or name a connection of another role.",
  "25006":
    "The database only reads: it is a standby, or default_transaction_read_only is on. Migrations want the primary.",
};

const asTargetTrouble = (thrown: unknown, target: Target): unknown => {
  if (thrown instanceof PlumblineError || thrown instanceof StatementFailed) return thrown;
  const { code } = serverWords(thrown);
  const { message } = wordsFor(target, thrown);
  const hint = REFUSALS[code ?? ""];
  if (hint !== undefined)
    return new PlumblineError("database-refused", `${target.place} refuses: ${message}.`, { hint });
  if (!isGone(code, message)) return thrown;
  return new PlumblineError(
    "database-unavailable",
    `The connection to ${target.place} was lost: ${message.replace(/\.$/, "")}.`,
    { hint: "See that the server is up, then look where it stands: `npx plumbline sql plan`." },
  );
};

// A driver's own failure has no SQLSTATE; one of Plumbline's is no lost connection.
const isGone = (code: string | null, message: string): boolean =>
  code === null
    ? /connection|socket|ECONN|EPIPE|not queryable/i.test(message)
    : isConnectionLost(code) || /^(ECONN|EPIPE|ETIMEDOUT)/.test(code);
