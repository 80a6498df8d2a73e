export interface SecretPattern {
  readonly find: RegExp;
  /** Words without which the expression cannot match: a text that has none of them is not searched. */
  readonly hint?: readonly string[];
  readonly replace: (match: string, ...groups: string[]) => string;
}

const HOLE = "(redacted)";
const all = (): string => HOLE;
const afterKey = (_match: string, key = ""): string => `${key}${HOLE}`;

/** Texts that are secrets by their looks, whoever wrote them. Each expression is linear in the text. */
export const SECRET_PATTERNS: readonly SecretPattern[] = [
  {
    // Without an end line the key was cut off: all that follows may belong to it.
    find: /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|$)/g,
    hint: ["PRIVATE KEY"],
    replace: all,
  },
  {
    find: /(?<![A-Za-z0-9])gh[pousr]_[A-Za-z0-9_]{20,}/g,
    hint: ["ghp_", "gho_", "ghu_", "ghs_", "ghr_"],
    replace: all,
  },
  { find: /(?<![A-Za-z0-9])plb_[A-Za-z0-9_-]{43}/g, hint: ["plb_"], replace: all },
  { find: /github_pat_[A-Za-z0-9_]{20,}/g, hint: ["github_pat_"], replace: all },
  { find: /(?<![A-Za-z0-9])gl(?:pat|ptt|rt|dt|oas)-[A-Za-z0-9_-]{16,}/g, hint: ["gl"], replace: all },
  { find: /(?<![A-Z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Z0-9])/g, hint: ["AKIA", "ASIA"], replace: all },
  {
    find: /((?:aws_)?(?:secret_access_key|session_token)["']?[ \t]{0,9}[=:][ \t]{0,9}["']?)[A-Za-z0-9/+=]{20,}/gi,
    hint: ["ecret", "ECRET", "ession", "ESSION"],
    replace: afterKey,
  },
  { find: /(?<![A-Za-z0-9])xox[abeoprs]-[A-Za-z0-9-]{10,}/g, hint: ["xox"], replace: all },
  {
    find: /(hooks\.slack\.com\/(?:services|workflows|triggers)\/)[A-Za-z0-9/_-]{8,}/g,
    hint: ["hooks.slack.com"],
    replace: afterKey,
  },
  { find: /(?<![A-Za-z0-9])AIza[A-Za-z0-9_-]{35}/g, hint: ["AIza"], replace: all },
  { find: /(?<![A-Za-z0-9])ya29\.[A-Za-z0-9_-]{20,}/g, hint: ["ya29."], replace: all },
  {
    find: /(?<![A-Za-z0-9])(?:npm_[A-Za-z0-9]{36}|[sr]k_(?:live|test)_[A-Za-z0-9]{16,}|hv[sbr]\.[A-Za-z0-9_-]{24,}|dop_v1_[a-f0-9]{64}|[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{40,})/g,
    hint: ["npm_", "k_live_", "k_test_", "hvs.", "hvb.", "hvr.", "dop_v1_", ".atlasv1."],
    replace: all,
  },
  {
    find: /(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}/g,
    hint: ["eyJ"],
    replace: all,
  },
  {
    find: /((?:proxy-)?authorization["']?[ \t]{0,9}[:=][ \t]{0,9}["']?(?:basic|bearer|token)[ \t]{1,9})[^\s"',;]{6,}/gi,
    hint: ["uthorization", "UTHORIZATION"],
    replace: afterKey,
  },
  {
    find: /(:\/\/)[^\s/?#"'<>@(]{0,200}:[^\s/?#"'<>@]{1,400}@(?=[^\s"'])/g,
    hint: ["://"],
    replace: (_match, start = "") => `${start}${HOLE}@`,
  },
  {
    find: /(:\/\/)[A-Za-z0-9_-]{20,400}@/g,
    hint: ["://"],
    replace: (_match, start = "") => `${start}${HOLE}@`,
  },
  {
    // AccountKey and SharedAccessKey stand in Azure's connection strings.
    find: /((?:AccountKey|SharedAccessKey|SharedAccessSignature)=)[^\s;"']{16,}/g,
    hint: ["AccountKey=", "SharedAccess"],
    replace: afterKey,
  },
  {
    find: /((?:password|passwd|secret|token|api_?key|private_?key)["']?[ \t]{0,30}[=:][ \t]{0,9}["'])(?!\(|\$\{|")(?:[^"'\\\n]|\\.){6,400}(?=["'])/gi,
    replace: afterKey,
  },
];
