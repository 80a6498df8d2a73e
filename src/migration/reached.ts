/** What is reached from `start` by one step or more, each once, `start` itself left out. */
export const reachedFrom = <T>(start: T, next: (from: T) => readonly T[]): readonly T[] => {
  const found = new Set([start]);
  for (const from of found) for (const to of next(from)) found.add(to);
  found.delete(start);
  return [...found];
};
