/** What a service without logs, settings, channels, policies and freezes answers. */
export const NOTHING_ELSE = {
  log: async () => null,
  settings: [],
  now: () => new Date(),
  channels: async () => [],
  policies: async () => [],
  freezes: async () => [],
};
