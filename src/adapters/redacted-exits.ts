import { redactedTexts } from "../plan/redacted-texts.ts";
import type { Forge } from "../ports/forge.ts";
import type { Notifier } from "../ports/notify.ts";
import type { Redactor } from "../ports/redactor.ts";

/**
 * A forge to which no text goes that the redactor has not seen: whoever writes a comment, a status, a title or an issue
 * may forget it, this does not. Names (repositories, branches, commits, contexts) pass as they are.
 */
export const redactedForge = (forge: Forge, { redact }: Pick<Redactor, "redact">): Forge => {
  const { suggest } = forge;
  return {
    ...forge,
    createPull: (repo, { title, body, ...names }) =>
      forge.createPull(repo, { ...names, title: redact(title), body: redact(body) }),
    updatePull: (ref, { title, body, ...rest }) =>
      forge.updatePull(ref, {
        ...rest,
        ...(title === undefined ? {} : { title: redact(title) }),
        ...(body === undefined ? {} : { body: redact(body) }),
      }),
    comment: (ref, body) => forge.comment(ref, redact(body)),
    updateComment: (ref, id, body) => forge.updateComment(ref, id, redact(body)),
    setStatus: (repo, commit, status) =>
      forge.setStatus(repo, commit, { ...status, description: redact(status.description) }),
    upsertIssue: (repo, marker, { title, body }) =>
      forge.upsertIssue(repo, marker, { title: redact(title), body: redact(body) }),
    closeIssue: (repo, marker, comment) => forge.closeIssue(repo, marker, redact(comment)),
    ...(suggest
      ? {
          // A suggestion that was changed would put the placeholder into somebody's code.
          suggest: async (ref, review) => {
            const texts = { body: redact(review.body), remark: redact(review.remark) };
            return texts.remark === review.remark && suggest(ref, { ...review, ...texts });
          },
        }
      : {}),
  };
};

export const redactedNotifier = (notifier: Notifier, { redact }: Pick<Redactor, "redact">): Notifier => ({
  ...notifier,
  send: ({ title, text, alerts, ...names }) =>
    notifier.send({
      ...names,
      title: redact(title),
      text: redact(text),
      alerts: redactedTexts(alerts, redact),
    }),
});
