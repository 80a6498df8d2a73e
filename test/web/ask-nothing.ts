/** What a service without logs, settings, channels, policies, freezes and evidence answers. */
export const NOTHING_ELSE = {
  log: async () => null,
  settings: [],
  now: () => new Date(),
  channels: async () => [],
  policies: async () => [],
  freezes: async () => [],
  evidence: async () => null,
  evidenceGiven: async () => {},
};
