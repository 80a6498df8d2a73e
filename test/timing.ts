/** Starts to count; gives the milliseconds of processor that this process has used since, which waiting does not add to. */
export const processorTime = (): (() => number) => {
  const began = process.cpuUsage();
  return () => process.cpuUsage(began).user / 1000;
};

/** Milliseconds of the quickest of a hundred calls; the first below the limit ends it. A busy machine delays some, not all. */
export const quickest = async (
  limitMs: number,
  call: (index: number) => Promise<unknown>,
): Promise<number> => {
  let least = Number.POSITIVE_INFINITY;
  for (let index = 0; index < 100 && least >= limitMs; index += 1) {
    const began = performance.now();
    await call(index);
    least = Math.min(least, performance.now() - began);
  }
  return least;
};
