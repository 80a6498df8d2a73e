/** What a service without logs, settings, channels, policies and freezes answers. */
export const NOTHING_ELSE = {
  log: async () => null,
  settings: [],
  channels: async () => [],
  policies: async () => [],
  freezes: async () => [],
};
