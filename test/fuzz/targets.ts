import type { Seeded } from "../../bench/seeded.ts";
import { loadCatalogue } from "../../src/adapters/catalogue-files.ts";
import { checkConfigFile, checkConfigText } from "../../src/config/check.ts";
import { parseComment } from "../../src/config/comment.ts";
import { readServerConfig } from "../../src/config/server-config.ts";
import { receiveWebhook } from "../../src/entry/webhook.ts";
import type { Catalogue } from "../../src/model/catalogue.ts";
import { PlumblineError } from "../../src/model/errors.ts";
import type { WebhookForge } from "../../src/model/webhook.ts";
import { planDigest } from "../../src/plan/digest.ts";
import { inspectPlan } from "../../src/plan/inspect.ts";
import { readPlans } from "../../src/plan/read.ts";
import { redactPlan } from "../../src/plan/redact.ts";
import { summarize } from "../../src/plan/summary.ts";
import { intake, sign } from "../entry/intake.ts";
import { mutateJson, mutateText } from "./mutate.ts";
import { atlantisFiles, comments, deliveries, plans, plumblineFiles, serverFiles } from "./samples.ts";

/** Makes one input and gives it to a reader. Returns the input where the reader did not do as it must. */
export interface Target {
  readonly about: string;
  open(): Promise<(chance: Seeded) => Promise<Fault | null>>;
}

export interface Fault {
  readonly input: string;
  readonly why: string;
}

/** Plain refusals, in our own words, are what a reader owes to what it cannot read. */
const refusing = (input: string, read: () => void): Fault | null => {
  try {
    read();
    return null;
  } catch (thrown) {
    return thrown instanceof PlumblineError ? null : { input, why: told(thrown) };
  }
};

const told = (thrown: unknown): string =>
  thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);

const comment: Target = {
  about: "comments: a command, an error or nothing, and never a folder outside",
  open: async () => {
    const samples = comments();
    return async (chance) => {
      const input = mutateText(chance, samples);
      return refusing(input, () => {
        const command = parseComment(input, {
          triggerWords: ["plumbline", "run", "atlantis"],
          botUser: "plumbline[bot]",
        });
        const dir = "command" in command && "dir" in command ? command.dir : undefined;
        if (typeof dir === "string" && /^\/|(^|\/)\.\.(\/|$)/.test(dir))
          throw new Error(`The folder ${dir} leads out.`);
      });
    };
  },
};

const config: Target = {
  about: "configuration: plumbline.yaml, atlantis.yaml and the server's file; problems or a value",
  open: async () => {
    const [own, atlantis, server] = [plumblineFiles(), atlantisFiles(), serverFiles()];
    return async (chance) => {
      const kind = chance.below(3);
      const input = mutateText(chance, [own, atlantis, server][kind] ?? own);
      return refusing(input, () => {
        if (kind === 0) checkConfigText(input, { file: "plumbline.yaml" });
        else if (kind === 1) checkConfigText(input, { file: "atlantis.yaml" });
        else readServerConfig({ yamlText: input, env: {} });
        checkConfigFile("", input);
      });
    };
  },
};

const plan: Target = {
  about: "plan JSON: read, judged, redacted, digested, or refused in a sentence",
  open: async () => {
    const texts = plans();
    const documents = texts.flatMap((text) => {
      const line = text.split("\n").find((one) => one.includes('"format_version"')) ?? text;
      return isJson(line) ? [JSON.parse(line) as unknown] : [];
    });
    const catalogue = await loadCatalogue();
    return async (chance) => {
      const input = chance.happens(0.7)
        ? JSON.stringify(mutateJson(chance, documents))
        : mutateText(chance, texts);
      return refusing(input, () => judge(input, catalogue));
    };
  },
};

const judge = (text: string, catalogue: Catalogue): void => {
  for (const read of readPlans(text)) {
    const inspection = inspectPlan(read, catalogue);
    const redacted = redactPlan(read);
    const summary = JSON.stringify(summarize(redacted.plan, inspection));
    const shown = redacted.secrets.find(
      (secret) => secret.length >= 12 && summary.includes(JSON.stringify(secret)),
    );
    if (shown !== undefined && !isShownElsewhere(shown, redacted.plan))
      throw new Error("A sensitive value is shown.");
    planDigest({ ...DIGEST, plan: read, catalogue });
  }
};

/** The same text may stand, unmarked, where the plan itself shows it. */
const isShownElsewhere = (secret: string, redacted: unknown): boolean =>
  JSON.stringify(redacted).includes(secret);

const DIGEST = {
  engine: { distribution: "terraform", version: "1.11.4" },
  lockFile: null,
  inputTree: "tree",
  variables: {},
  flags: [],
  key: new Uint8Array(32),
  ignore: [],
} as const;

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

const FORGES: readonly WebhookForge[] = ["github", "gitea", "gitlab"];

const webhook: Target = {
  about: "webhook bodies, signed: 202, 400 or 401, and what is taken in is one job",
  open: async () => {
    const samples = deliveries();
    return async (chance) => {
      const { event, payload } = chance.one(samples);
      const text = chance.happens(0.6)
        ? JSON.stringify(mutateJson(chance, [payload]))
        : mutateText(chance, [JSON.stringify(payload)]);
      const forge = chance.happens(0.8) ? "github" : chance.one(FORGES);
      const rawBody = Buffer.from(text);
      const taken = intake();
      try {
        const headers = headersFor(
          forge,
          chance.happens(0.95) ? event : mutateText(chance, [event]),
          rawBody,
        );
        const { status } = await receiveWebhook(taken.world, { forge, rawBody, headers });
        const wrong = ![202, 400, 401].includes(status) || taken.followUps.length > 1;
        return wrong ? { input: text, why: `Answered ${status} with ${taken.followUps.length} jobs.` } : null;
      } catch (thrown) {
        return { input: text, why: told(thrown) };
      }
    };
  },
};

const headersFor = (forge: WebhookForge, event: string, body: Uint8Array): Record<string, string> => ({
  "content-type": "application/json",
  [`x-${forge}-event`]: event,
  [`x-${forge}-delivery`]: "1",
  "x-hub-signature-256": `sha256=${sign(body)}`,
  "x-gitea-signature": sign(body),
  "x-gitlab-token": "the webhook's secret",
  "x-gitlab-event-uuid": "1",
});

export const TARGETS = { comment, config, plan, webhook } as const;
export type TargetName = keyof typeof TARGETS;
