import { isJsonObject, type Json } from "../model/json.ts";
import type { FileChange, FileFinding } from "../model/stateful-change.ts";
import { principals, publicGrants } from "./policy-document.ts";
import { documentsIn } from "./yaml-documents.ts";

/** What a changed policy document grants that it did not grant before: to everybody, to a new principal, or otherwise. */
export const policyDocumentFindings = ({ path, before, after }: FileChange): readonly FileFinding[] => {
  const [old, now] = [documentOf(before), documentOf(after)];
  if (old === null && now === null) return [];
  const found = (rule: keyof typeof RULES): readonly FileFinding[] => [
    { path, subject: "", rule, ...RULES[rule] },
  ];
  if (isMore(publicGrants, old, now)) return found("policy-public");
  if (isMore(principals, old, now)) return found(old === null ? "policy-changed" : "trust-widened");
  return found("policy-changed");
};

const RULES = {
  "policy-public": {
    class: "R3",
    message: "The policy document grants something to everybody (principal *).",
    wayOut: "Name the principals that need it.",
  },
  "trust-widened": {
    class: "R3",
    message: "The policy document names a principal that it did not name before.",
    wayOut: "Let security confirm who is let in, and bind it by a condition where that is possible.",
  },
  "policy-changed": {
    class: "R2",
    message: "The policy document changes: who may do what changes with it.",
    wayOut: "Compare the statements, and test with the principals that use it.",
  },
} as const;

const documentOf = (text: string | null): Json => {
  const [document, ...more] = (text === null ? null : documentsIn(text)) ?? [];
  if (document === undefined || more.length > 0) return null;
  const listed = [document["Statement"]].flat().filter(isJsonObject);
  return listed.some(({ Effect }) => Effect === "Allow" || Effect === "Deny") ? document : null;
};

const isMore = (read: (value: Json) => readonly string[], before: Json, after: Json): boolean => {
  const known = new Set(read(before));
  return read(after).some((one) => !known.has(one));
};
