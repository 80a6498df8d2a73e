/** Why an edit cannot be made here; told to people as it is. Thrown within this room, never out of it. */
export class Refusal extends Error {
  override readonly name = "Refusal";
}

export const refuse = (reason: string): never => {
  throw new Refusal(reason);
};

/** The result, or the reason why not; any other error is ours and goes on. */
export const attempt = <T>(work: () => T): { readonly value: T } | { readonly reason: string } => {
  try {
    return { value: work() };
  } catch (thrown) {
    if (thrown instanceof Refusal) return { reason: thrown.message };
    throw thrown;
  }
};
