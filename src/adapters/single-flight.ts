interface Flight {
  readonly ended: Promise<void>;
  /** Once the work has begun, whoever comes later needs work that begins after their call. */
  begun: boolean;
}

/**
 * Joins callers of the same key into one piece of work. A caller that comes while it is under way gets the next one,
 * which all others that come meanwhile share, so that nobody gets an answer older than their question.
 */
export const singleFlight = (work: (key: string, begin: () => void) => Promise<void>) => {
  const running = new Map<string, Flight>();
  const waiting = new Map<string, Flight>();

  const start = (key: string, after: Promise<unknown>): Flight => {
    const flight: Flight = { begun: false, ended: after.then(() => fly()) };
    const fly = async (): Promise<void> => {
      running.set(key, flight);
      if (waiting.get(key) === flight) waiting.delete(key);
      try {
        await work(key, () => {
          flight.begun = true;
        });
      } finally {
        if (running.get(key) === flight) running.delete(key);
      }
    };
    return flight;
  };

  return (key: string): Promise<void> => {
    const current = running.get(key);
    if (current && !current.begun) return current.ended;
    const next = waiting.get(key);
    if (next) return next.ended;
    const flight = start(key, current ? current.ended.catch(() => {}) : Promise.resolve());
    (current ? waiting : running).set(key, flight);
    return flight.ended;
  };
};
