/** Looks again and again until something is there. */
export const until = async <T>(
  seconds: number,
  look: () => T | null | undefined | Promise<T | null>,
): Promise<T> => {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; ) {
    const found = await look();
    if (found !== null && found !== undefined) return found;
    await new Promise((again) => setTimeout(again, 30));
  }
  throw new Error(`It was not there within ${seconds} s.`);
};
