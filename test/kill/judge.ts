import type { Console } from "../../demo/cloud/console.ts";
import type { LocalForge } from "../../demo/forge/forge.ts";
import type { Facts, KillPoint } from "./service-program.ts";

export interface Answered {
  readonly point: KillPoint;
  /** The service was killed; false where this call did not happen this time. */
  readonly reached: boolean;
  /** How often the cloud was really asked to make the thing. */
  readonly applied: number;
  /** What is not as it must be; empty where all is right. */
  readonly wrong: readonly string[];
}

interface Case {
  readonly repo: string;
  readonly name: string;
  readonly number: number;
  readonly point: KillPoint;
  readonly reached: boolean;
  readonly facts: Facts;
  readonly forge: LocalForge;
  readonly cloud: Console;
}

/** By the cloud's own log, outside of the service: how often it was applied; by forge and ledger whether that is told. */
export const judge = (one: Case): Answered => {
  const applied = one.cloud
    .requests()
    .filter(({ call, id, error }) => call === "create" && id === one.name && error === undefined).length;
  const wrong = [
    ...(applied > 1 ? [`applied ${applied} times`] : []),
    ...(one.facts.auditBroken === null ? [] : ["the audit's chain is broken"]),
    ...(one.facts.leased ? ["the workspace is still taken"] : []),
    ...(applied === 1 ? wrongWhenApplied(one) : wrongWhenNot(one)),
  ];
  return { point: one.point, reached: one.reached, applied, wrong };
};

const wrongWhenApplied = (one: Case): readonly string[] => {
  const { applies, locked, evidence } = one.facts;
  return [
    ...(applies[0]?.state === "succeeded" ? [] : [`applied, but the run is ${applies[0]?.state}`]),
    ...(locked ? ["applied, but the lock is still held"] : []),
    ...(evidence.filter((outcome) => outcome === "applied").length === 1
      ? []
      : [`applied, but the evidence is [${evidence.join()}]`]),
    ...told(one, "success"),
  ];
};

/** The one way to end unapplied: the start was written and the engine never came up; a person asks again. */
const wrongWhenNot = (one: Case): readonly string[] => {
  const { applies, locked, evidence } = one.facts;
  const [run] = applies;
  return [
    ...(run?.state === "failed" && run.error === "interrupted"
      ? []
      : [`not applied, but the run is ${run?.state} (${run?.error})`]),
    ...(locked ? [] : ["not applied, but the lock is free"]),
    ...(evidence.includes("applied") ? ["not applied, but there is evidence of it"] : []),
    ...told(one, "failure"),
  ];
};

const told = ({ forge, repo, number, name }: Case, state: string): readonly string[] => {
  const statuses = forge.statuses(repo, forge.pull(repo, number).pull.headSha);
  const status = statuses.find(({ context }) => context === `plumbline/apply: ${name}`)?.state;
  const comments = forge.comments(repo, number).filter(({ author }) => author.login === "plumbline[bot]");
  const ids = comments.map(({ body }) => /<!--[\s\S]*?-->/.exec(body)?.[0] ?? body);
  return [
    ...(status === state ? [] : [`the status is ${status}, not ${state}`]),
    ...(comments.length > 0 ? [] : ["nothing was said"]),
    ...(new Set(ids).size === ids.length ? [] : ["something was said twice"]),
  ];
};
