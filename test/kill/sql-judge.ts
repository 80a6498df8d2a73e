import type { LocalForge } from "../../demo/forge/forge.ts";
import type { Facts } from "./facts.ts";
import type { SqlStory } from "./sql-stories.ts";

/** What the database says of itself, with nobody of the service in between. */
export interface Truth {
  /** Of each statement, how often the server's log has it as sent. */
  readonly sent: readonly number[];
  readonly done: readonly boolean[];
  /** `success` of each row that the history has of the file. */
  readonly history: readonly boolean[];
  /** Rows that statements left, over those that each may leave. */
  readonly twice: number;
}

export interface SqlCase {
  readonly repo: string;
  readonly number: number;
  readonly story: SqlStory;
  readonly truth: Truth;
  readonly facts: Facts;
  readonly forge: LocalForge;
}

export type Became = "all" | "none" | "part";

export const becameOf = ({ done, history }: Truth): Became => {
  if (done.every((one) => one) && history.join() === "true") return "all";
  return done.some((one) => one) || history.length > 0 ? "part" : "none";
};

/** What is not as the database says that it must be; empty where all is right. */
export const judgeSql = (one: SqlCase): readonly string[] => {
  const { truth, facts } = one;
  const { became, ...must } = mustBe(one);
  const evidence = facts.evidence.filter((outcome) => outcome === "applied").length;
  return [
    ...truth.sent.flatMap((count, index) =>
      count > 1 ? [`statement ${index + 1} was sent ${count} times`] : [],
    ),
    ...(truth.twice > 0 ? [`${truth.twice} rows too many`] : []),
    ...(facts.auditBroken === null ? [] : ["the audit's chain is broken"]),
    ...(facts.leased ? ["the workspace is still taken"] : []),
    ...differs("run", facts.applies[0]?.state, must.run),
    ...differs("frozen", facts.frozen, must.frozen),
    ...differs("half-way in the audit", facts.audited.includes("migration-half-way"), became === "part"),
    ...differs("locked", facts.locked, became !== "all"),
    ...differs("evidence of an apply", evidence, became === "all" ? 1 : 0),
    ...differs("the file's state", stateOf(facts), must.states),
    ...differs("its state in the evidence", facts.ran[0], stateOf(facts).replace("nothing", "planned")),
    ...told(one, became),
  ].map((wrong) => `${became}: ${wrong}`);
};

const mustBe = ({ truth }: SqlCase) => {
  const became = becameOf(truth);
  return {
    became,
    run: became === "all" ? "succeeded" : "failed",
    frozen: became === "part" ? "migration-partial" : null,
    states: { all: ["verified"], none: ["failed-clean", "nothing"], part: ["failed-partial"] }[became],
  };
};

const stateOf = ({ migrations }: Facts): string =>
  migrations
    .find((line) => line.includes("#0 "))
    ?.split(" ")
    .at(-1) ?? "nothing";

const differs = (what: string, is: unknown, must: unknown): readonly string[] => {
  const fits = Array.isArray(must) ? must.includes(is) : is === must;
  return fits ? [] : [`${what} is ${JSON.stringify(is)}, not ${JSON.stringify(must)}`];
};

const told = ({ forge, repo, number }: SqlCase, became: Became): readonly string[] => {
  const statuses = forge.statuses(repo, forge.pull(repo, number).pull.headSha);
  const status = statuses.find(({ context }) => context === "plumbline/migrate: db")?.state;
  const said = forge.comments(repo, number).filter(({ author }) => author.login === "plumbline[bot]");
  const ids = said.map(({ body }) => /<!--[\s\S]*?-->/.exec(body)?.[0] ?? body);
  const offers = said.some(({ body }) => body.includes("migrate resume"));
  return [
    ...differs("the status", status, became === "all" ? "success" : "failure"),
    ...differs("offered what to do", offers, became === "part"),
    ...(new Set(ids).size === ids.length ? [] : ["something was said twice"]),
  ];
};
