/** Something that happens again and again. `next` is asked for before the look, so that nothing is missed between. */
export interface Signal {
  raise(): void;
  next(): Promise<void>;
}

export const createSignal = (): Signal => {
  let waiting = Promise.withResolvers<void>();
  return {
    raise: () => {
      waiting.resolve();
      waiting = Promise.withResolvers<void>();
    },
    next: () => waiting.promise,
  };
};
