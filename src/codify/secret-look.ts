/**
 * Whether a text looks like something that must never be written into code: private keys, tokens of well-known
 * services, credentials in addresses and connection strings, passwords in scripts. Better one too many than one too few.
 */
export const looksSecret = (text: string): boolean => LOOKS.some((look) => look.test(text));

/** Whether an attribute's or a map's key says that its value is a secret, whatever the value looks like. */
export const namesSecret = (key: string): boolean => {
  const words = key
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "_");
  return SECRET_NAME.test(words) && !HARMLESS_END.test(words);
};

const SECRET_NAME =
  /(^|_)(password|passwd|passphrase|pwd|secret|secrets|credential|credentials|private_key|api_?key|access_key|auth_token|access_token|bearer_token|client_secret|token|connection_string|kubeconfig)(_|$)/;
/** What speaks of a secret without being one. */
const HARMLESS_END =
  /_(arn|id|ids|name|names|enabled|length|policy|version|versions|path|type|count|expiry|expiration|ttl|days|seconds|hours|rotation|url|uri|endpoint|ref|store|manager|engine|required|status|algorithm|method|alias)$/;

const LOOKS: readonly RegExp[] = [
  /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY/,
  /PuTTY-User-Key-File-\d/,
  /AGE-SECRET-KEY-1[A-Z0-9]{20,}/,
  // Forges and registries
  /\bgh[pousr]_[A-Za-z0-9_]{20,}/,
  /\bgithub_pat_[A-Za-z0-9_]{20,}/,
  /\bgl(?:pat|ptt|rt|dt|oas|cbt|ft|imt|agent)-[A-Za-z0-9_-]{16,}/,
  /\bnpm_[A-Za-z0-9]{30,}/,
  /\bpypi-[A-Za-z0-9_-]{40,}/,
  /\bdckr_(?:pat|oat)_[A-Za-z0-9_-]{20,}/,
  /\bATATT3[A-Za-z0-9_=-]{40,}/,
  // Clouds
  /\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b/,
  /(?:secret_?access_?key|aws_?secret(?:_?key)?|session_?token)["']?\s{0,9}[=:]\s{0,9}["']?[A-Za-z0-9/+=]{20,}/i,
  /\bAIza[A-Za-z0-9_-]{35}/,
  /\bya29\.[A-Za-z0-9_-]{20,}/,
  /"private_key_id"\s*:/,
  /\b(?:AccountKey|SharedAccessKey|SharedAccessSignature)=[^\s;"']{16,}/i,
  /[?&]sig=[A-Za-z0-9%+/=]{20,}/,
  /\bdo[por]_v1_[a-f0-9]{40,}/,
  // Services
  /\bxox[abeoprs]-[A-Za-z0-9-]{10,}/,
  /hooks\.slack\.com\/(?:services|workflows|triggers)\/[A-Za-z0-9/_-]{8,}/,
  /discord(?:app)?\.com\/api\/webhooks\/\d+\/[A-Za-z0-9_-]{20,}/,
  /\b[sr]k_(?:live|test)_[A-Za-z0-9]{16,}/,
  /\bwhsec_[A-Za-z0-9]{16,}/,
  /\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}/,
  /\bSK[0-9a-f]{32}\b/,
  /\bkey-[0-9a-f]{32}\b/,
  /\b(?:sk-ant-|sk-proj-)[A-Za-z0-9_-]{20,}/,
  /\bsk-[A-Za-z0-9]{40,}/,
  /\bhv[sbr]\.[A-Za-z0-9_-]{20,}/,
  /\b[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{40,}/,
  /\bdapi[0-9a-f]{32}\b/,
  /\bNRAK-[A-Z0-9]{20,}/,
  /\bglsa_[A-Za-z0-9_]{30,}/,
  /\bshp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}/,
  /\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}/,
  // Whatever the service
  /\bauthorization["']?\s{0,9}[:=]\s{0,9}["']?(?:basic|bearer|token)\s{1,9}[^\s"',;$]{6,}/i,
  /:\/\/[^\s/?#"'<>@:]{0,200}:(?!\$\{|\$\(|\*+@|<)[^\s/?#"'<>@]{1,400}@[^\s"']/,
  // An address in a secret store names a secret and holds none.
  /(?<!:secretsmanager:[a-z0-9-]{0,40}:\d{0,12}:)(?:password|passwd|passphrase|pwd|secret|api_?key|private_?key|access_?token|auth_?token|client_?secret)["']?\s{0,9}(?:[=:]|=>)\s{0,9}["']?(?!\$|<|\{|%|\*{3}|null\b|true\b|false\b|none\b|arn:|projects\/|vault:|ssm:|file:|\/)[^\s"'&;,]{6,}/i,
  /\b(?:mysql\w*|mariadb\w*|sshpass|mongo\w*)\b[^\n]{0,200}\s-p(?!\s)[^\s"'$]{4,}/,
  /\b(?:SECRET|TOKEN|PASSWORD|API_?KEY)=(?!\$|<|\{|"\$|'\$|%|\*)["']?[^\s"']{8,}/,
];
