import { shareText } from "../model/amount-text.ts";
import type { Backfill } from "../model/backfill.ts";

/** So few failing keys say nothing of a share. */
const FEW = 10;

/**
 * Why a backfill stops by itself, its last failure counted; null where its file allows it. `failing`: failures one after
 * another, with nothing done between them.
 */
export const budgetSpent = (
  { done, dead, failing }: { readonly done: number; readonly dead: number; readonly failing: number },
  { deadLetters, errorBudget: { share, inARow } }: Pick<Backfill, "deadLetters" | "errorBudget">,
): string | null => {
  if (dead > deadLetters)
    return `more than ${deadLetters} keys failed, which is all that dead_letters allows`;
  if (dead > FEW && dead > share * done)
    return `more than ${shareText(share)} of the keys that were passed failed, which is all that error_budget allows`;
  return failing < inARow
    ? null
    : `${failing} failures came one after another, and nothing was done between them`;
};
