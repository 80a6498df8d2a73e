import type { FastifyInstance } from "fastify";
import { isPlain, redactedTexts } from "../plan/redacted-texts.ts";

const SPOKEN = /^text\/(plain|html)\b/;

/**
 * No answer leaves that the redactor has not seen: texts in what becomes JSON, and whole answers that people read. To be
 * called once on the whole server, before its routes.
 */
export const addRedaction = (app: FastifyInstance, redact: (text: string) => string): void => {
  app.addHook("preSerialization", async (_request, _reply, payload) => redactedDeep(payload, redact));
  app.addHook("onSend", async (_request, reply, payload) =>
    typeof payload === "string" && SPOKEN.test(String(reply.getHeader("content-type") ?? ""))
      ? redact(payload)
      : payload,
  );
};

/** Looked at as one text first: almost always there is nothing to hide. */
const redactedDeep = (payload: unknown, redact: (text: string) => string): unknown => {
  const all = textsIn(payload).join("\n");
  return redact(all) === all ? payload : redactedTexts(payload, redact);
};

const textsIn = (value: unknown): readonly string[] => {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap(textsIn);
  return isPlain(value) ? Object.entries(value).flatMap(([name, one]) => [name, ...textsIn(one)]) : [];
};
