/** The branch of `refs/heads/<branch>`; null for tags and everything else. */
export const branchOf = (ref: string): string | null => /^refs\/heads\/(.+)$/.exec(ref)?.[1] ?? null;

/** What a forge gives as `after` of a deleted branch; SHA-256 repositories have 64 zeros. */
export const ZERO_COMMIT = /^0+$/;

/** Apps and their kin carry it in their name on GitHub, and by custom elsewhere. */
export const isBotLogin = (login: string): boolean => login.endsWith("[bot]");
