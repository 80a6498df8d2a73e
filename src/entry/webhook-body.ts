export type ParsedBody =
  | { readonly ok: true; readonly payload: object }
  | { readonly ok: false; readonly message: string };

/** A JSON object, bare or as the `payload` field of a form (GitHub's other content type); else one clear sentence. */
export const parseBody = (rawBody: Uint8Array, contentType: string): ParsedBody => {
  const text = decode(rawBody);
  if (text === null) return unreadable("The body is not UTF-8 text.");
  const json = isForm(contentType) ? new URLSearchParams(text).get("payload") : text;
  if (json === null)
    return unreadable("The form has no field `payload`. Set the webhook's content type to application/json.");
  if (json.trim() === "") return unreadable("The body is empty where a JSON object was expected.");
  try {
    const payload: unknown = JSON.parse(json);
    return typeof payload === "object" && payload !== null && !Array.isArray(payload)
      ? { ok: true, payload }
      : unreadable("The body is JSON, but no object.");
  } catch {
    return unreadable("The body is not valid JSON.");
  }
};

const unreadable = (message: string): ParsedBody => ({ ok: false, message });

const isForm = (contentType: string): boolean => /^application\/x-www-form-urlencoded\b/i.test(contentType);

const decode = (bytes: Uint8Array): string | null => {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
};
