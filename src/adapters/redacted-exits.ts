import { redactedTexts } from "../plan/redacted-texts.ts";
import type { Forge } from "../ports/forge.ts";
import type { Notifier } from "../ports/notify.ts";
import type { Redactor } from "../ports/redactor.ts";
import { visible } from "../report/escape.ts";

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

/**
 * The same for an alert channel. What a value could use to pose as something else in any of them goes before the
 * redactor looks, since a secret with such a sign in its middle is one again without it.
 */
export const redactedNotifier = (notifier: Notifier, { redact }: Pick<Redactor, "redact">): Notifier => {
  const lines = (text: string): string => redact(visible(text));
  const line = (text: string): string => lines(text).replaceAll(/\s+/g, " ").trim();
  return {
    ...notifier,
    send: ({ title, text, alerts, links, ...names }) =>
      notifier.send({
        ...names,
        title: line(title),
        text: lines(text),
        alerts: alerts.map(({ text: said, ...rest }) => ({
          ...redactedTexts(rest, line),
          text: lines(said),
        })),
        links: redactedTexts(links, line),
      }),
  };
};
