/** Where the evidence of a run lies in the artifact store; what a look has found lies beside what the apply said. */
export const evidenceKey = (run: string, look?: string): string =>
  look === undefined ? `evidence/${run}.json` : `evidence/${run}/${look}.json`;

/** Of which run the evidence is that lies there; undefined for anything else. */
export const runOfEvidence = (key: string): string | undefined =>
  /^evidence\/([^/]+?)(?:\/[^/]+)?\.json$/.exec(key)?.[1];
