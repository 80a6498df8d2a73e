/** Edits (insert, delete, replace) that turn one word into the other. */
export const editDistance = (left: string, right: string): number => {
  const from = Array.from(left);
  const to = Array.from(right);
  let row = to.map((_, index) => index + 1);
  from.forEach((character, above) => {
    let corner = above;
    let before = above + 1;
    row = row.map((up, index) => {
      const cost = Math.min(up + 1, before + 1, corner + (character === to[index] ? 0 : 1));
      corner = up;
      before = cost;
      return cost;
    });
  });
  return row.at(-1) ?? from.length;
};

/** The known word that was most likely meant, `undefined` when none is near. */
export const nearest = (word: string, known: Iterable<string>): string | undefined => {
  const limit = word.length < 3 ? 1 : 2;
  const ranked = [...known]
    .map((candidate) => ({ candidate, distance: editDistance(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ distance }) => distance <= limit)
    .sort((one, other) => one.distance - other.distance);
  return ranked[0]?.candidate;
};

/** ` Did you mean "dir"?`, or nothing. */
export const didYouMean = (word: string, known: Iterable<string>): string => {
  const meant = nearest(word, known);
  return meant === undefined ? "" : ` Did you mean "${meant}"?`;
};
