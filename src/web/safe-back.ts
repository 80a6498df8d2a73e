/** Where a sign-in leads: a path of our own pages, with its query, and nothing else; `/` for any other text. */
export const safeBack = (text: string): string =>
  text.length <= MOST && /^\/(?![/\\])[\w/%.~?&=#+:!'()*,@-]*$/.test(text) ? text : "/";

/** It travels in a cookie, of which browsers keep 4 kB. */
const MOST = 2000;
