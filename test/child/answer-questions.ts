import type { Told } from "./asked-child.ts";

/** The child's side of `startChild`: says that it is up, answers each question, and ends with whoever started it. */
export const answerQuestions = <Question extends object, Up>(
  up: Up,
  answer: (question: Question) => Promise<unknown>,
): void => {
  const tell = (what: Told<Up>): void => void process.send?.(what);
  process.on("message", (question: Question & { readonly id: number }) => {
    answer(question).then(
      (result) => tell({ id: question.id, result: result ?? null, error: null }),
      (failure: unknown) => tell({ id: question.id, result: null, error: String(failure) }),
    );
  });
  process.on("disconnect", () => process.exit());
  tell({ up });
};
