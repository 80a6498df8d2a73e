/** What the forge does not do, as GitHub would answer. */
export class Refusal extends Error {
  readonly status: number;
  readonly errors: readonly object[];

  constructor(status: number, message: string, errors: readonly object[] = []) {
    super(message);
    this.status = status;
    this.errors = errors;
  }
}

export const notFound = (): Refusal => new Refusal(404, "Not Found");

/** GitHub's form for input that cannot be: 422 with a list. */
export const invalid = (resource: string, message: string): Refusal =>
  new Refusal(422, "Validation Failed", [{ resource, code: "custom", message }]);
