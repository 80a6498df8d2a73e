import { readFileSync } from "node:fs";
import type { Console } from "../../demo/cloud/console.ts";
import type { LocalForge } from "../../demo/forge/forge.ts";
import { type People, type Proposal, thingsOf } from "./people.ts";
import type { Facts } from "./service-program.ts";

export interface Judged {
  readonly applies: number;
  readonly lost: readonly string[];
  readonly doubled: readonly string[];
  readonly stuck: readonly string[];
}

export interface Evidence {
  readonly forge: LocalForge;
  readonly cloud: Console;
  readonly effects: string;
  readonly people: Pick<People, "proposals" | "said">;
  readonly facts: Facts;
  /** State locks that the backend still holds. */
  readonly stateLocks: readonly string[];
  /** Changes by hand that nobody told of and that are still there. */
  readonly untold: readonly string[];
}

export const BOT = "plumbline[bot]";

/** How often each thing was really made, by logs that only grow and that Plumbline does not write. */
export const effectsOf = ({ cloud, effects }: Pick<Evidence, "cloud" | "effects">): Map<string, number> => {
  const made = [
    ...lines(effects),
    ...cloud
      .requests()
      .flatMap(({ call, id, error }) => (call === "create" && error === undefined && id ? [id] : [])),
  ];
  const counts = new Map<string, number>();
  for (const id of made) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
};

/** `lost`: asked for and neither done nor answered. `doubled`: done or said more often than it was asked for. */
export const judge = (evidence: Evidence): Judged => {
  const counts = effectsOf(evidence);
  const { facts, people, stateLocks, untold } = evidence;
  return {
    applies: [...counts.values()].reduce((sum, count) => sum + count, 0),
    lost: [...people.proposals.flatMap((one) => lostOf(one, counts)), ...unanswered(evidence), ...untold],
    doubled: [...people.proposals.flatMap((one) => doubledOf(one, counts)), ...saidTwice(evidence)],
    stuck: [
      ...facts.leases.map((lease) => `leased: ${lease}`),
      ...facts.locks
        .filter((lock) => isOver(evidence, lock))
        .map((lock) => `locked: ${lock.workspace} by #${lock.number}`),
      ...facts.unsettled.map((run) => `unsettled: ${run}`),
      ...stateLocks.map((name) => `state locked: ${name}`),
      ...(facts.auditBroken === null ? [] : [`audit broken at ${facts.auditBroken}`]),
    ],
  };
};

const lostOf = (proposal: Proposal, counts: ReadonlyMap<string, number>): readonly string[] =>
  proposal.state === "merged"
    ? thingsOf(proposal)
        .filter((thing) => !counts.has(thing))
        .map((thing) => `merged and never applied: ${proposal.repo}#${proposal.number} ${thing}`)
    : [];

const doubledOf = (proposal: Proposal, counts: ReadonlyMap<string, number>): readonly string[] =>
  thingsOf(proposal).flatMap((thing) => {
    const times = counts.get(thing) ?? 0;
    return times > proposal.orders
      ? [
          `ordered ${proposal.orders} times, made ${times} times: ${proposal.repo}#${proposal.number} ${thing}`,
        ]
      : [];
  });

const unanswered = ({ forge, people }: Evidence): readonly string[] =>
  people.said
    .filter(({ repo, number, comment }) => {
      const found = forge.comments(repo, number).find(({ id }) => id === comment);
      return !found?.reactions.some(({ by }) => by.login === BOT);
    })
    .map(({ repo, number, text }) => `no answer: ${repo}#${number} ${text}`);

/** Each comment of ours has a hidden marker that tells what it is for. */
const saidTwice = ({ forge, people }: Evidence): readonly string[] =>
  people.proposals.flatMap(({ repo, number }) => {
    const markers = forge
      .comments(repo, number)
      .filter(({ author }) => author.login === BOT)
      .map(({ body }) => /<!--[\s\S]*?-->/.exec(body)?.[0] ?? body);
    return markers
      .filter((marker, index) => markers.indexOf(marker) !== index)
      .map((marker) => `said twice: ${repo}#${number} ${marker.slice(0, 80)}`);
  });

const isOver = ({ forge }: Evidence, { repo, number }: { repo: string; number: number }): boolean =>
  forge.pull(repo, number).state === "closed";

const lines = (file: string): readonly string[] => {
  try {
    return readFileSync(file, "utf8").split("\n").filter(Boolean);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw cause;
  }
};
