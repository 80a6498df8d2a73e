import type { LocalForge } from "../../demo/forge/forge.ts";
import type { Seeded } from "../seeded.ts";
import { changeFile, type Flaw, type SoakWorkspace, thingOf } from "./code.ts";

/** A pull request of a person: one new thing in each of its workspaces. */
export interface Proposal {
  readonly repo: string;
  readonly number: number;
  /** Name of its branch, of its files and of the things that they make. */
  readonly change: string;
  readonly workspaces: readonly SoakWorkspace[];
  flaw: Flaw;
  state: "open" | "merged" | "closed";
  /** How often somebody ordered an apply: the merge, and each `plumbline apply` after it. */
  orders: number;
}

/** A command in a comment. */
export interface Said {
  readonly repo: string;
  readonly number: number;
  readonly comment: number;
  readonly text: string;
}

export interface PeopleWorld {
  readonly forge: LocalForge;
  readonly workspaces: readonly SoakWorkspace[];
  readonly chance: Seeded;
  /** Absolute path of the log of effects. */
  readonly effects: string;
  /** A change by hand in the demo cloud. */
  byHand(workspace: SoakWorkspace): boolean;
}

export interface People {
  readonly proposals: readonly Proposal[];
  readonly said: readonly Said[];
  readonly did: Record<string, number>;
  /** One thing that somebody does, chosen by chance. */
  act(): Promise<void>;
  command(proposal: Pick<Proposal, "repo" | "number">, text: string, who?: string): Promise<void>;
  merge(proposal: Proposal): Promise<void>;
  close(proposal: Proposal): Promise<void>;
  mend(proposal: Proposal): Promise<void>;
}

const MOST_OPEN = 10;
const [AUTHOR, OTHER] = ["dana", "sam"];
const TALK = [
  "looks good",
  "plumbline?",
  "@plumbline apply please",
  "```\nplumbline apply\n```",
  "terraform apply",
];

/** What people do on the forge, without HTTP between. */
export const openPeople = (world: PeopleWorld): People => {
  const { forge, workspaces, chance, effects } = world;
  const proposals: Proposal[] = [];
  const said: Said[] = [];
  const did: Record<string, number> = {};
  const count = (what: string): void => {
    did[what] = (did[what] ?? 0) + 1;
  };
  const filesOf = (change: string, touched: readonly SoakWorkspace[], flaw: Flaw) =>
    Object.fromEntries(
      touched.map((one) => [`${one.dir}/${change}.tf`, changeFile(one, change, { effects, flaw })]),
    );
  const open = (): readonly Proposal[] => proposals.filter(({ state }) => state === "open");

  const propose = async (): Promise<void> => {
    const first = chance.one(workspaces);
    const near = workspaces.filter(({ repo }) => repo === first.repo);
    const touched = [
      ...new Set([first, ...(chance.happens(0.3) ? [chance.one(near), chance.one(near)] : [])]),
    ];
    const change = `c${proposals.length + 1}`;
    const dice = chance.next();
    const flaw: Flaw = dice < 0.06 ? "plan-fails" : dice < 0.12 ? "apply-fails-once" : "none";
    const { repo } = first;
    const files = filesOf(change, touched, flaw);
    await forge.as(AUTHOR).pushFiles(repo, change, files, change, { from: "main" });
    const number = await forge.as(AUTHOR).openPull(repo, { title: change, head: change, base: "main" });
    proposals.push({ repo, number, change, workspaces: touched, flaw, state: "open", orders: 0 });
    count("pull requests");
  };
  const mend: People["mend"] = async (proposal) => {
    const { repo, change, workspaces: touched } = proposal;
    proposal.flaw = "none";
    const files = {
      ...filesOf(change, touched, "none"),
      [`${touched[0]?.dir}/notes-${change}.md`]: `${said.length}\n`,
    };
    await forge.as(AUTHOR).pushFiles(repo, change, files, "Mended");
    count("pushes");
  };
  const merge: People["merge"] = async (proposal) => {
    await forge.as(AUTHOR).merge(proposal, "merge");
    proposal.state = "merged";
    proposal.orders += 1;
    count("merges");
  };
  const close: People["close"] = async (proposal) => {
    await forge.as(AUTHOR).close(proposal);
    proposal.state = "closed";
    count("closed unmerged");
  };
  const command: People["command"] = async ({ repo, number }, text, who = AUTHOR) => {
    const comment = await forge.as(who).comment({ repo, number }, text);
    said.push({ repo, number, comment, text });
    count("commands");
  };
  const finish = async (proposal: Proposal): Promise<void> => {
    const { number, repo, flaw } = proposal;
    const head = forge.pull(repo, number).pull.headSha;
    const planned = forge.statuses(repo, head).find(({ context }) => context === "plumbline/plan")?.state;
    // Most people wait for the plan; some merge without looking.
    if (flaw === "plan-fails") return mend(proposal);
    if (planned === "success" || chance.happens(0.1)) await merge(proposal);
  };
  const act = async (): Promise<void> => {
    const dice = chance.next();
    const some = open();
    if (some.length < MOST_OPEN && (dice < 0.45 || some.length === 0)) return propose();
    if (some.length === 0) return;
    const proposal = chance.one(some);
    if (dice < 0.72) return finish(proposal);
    if (dice < 0.78) return mend(proposal);
    if (dice < 0.83) return command(proposal, "plumbline plan");
    if (dice < 0.86) return command(proposal, "plumbline apply", OTHER);
    if (dice < 0.88) return command(proposal, "plumbline unlock");
    if (dice < 0.9) return close(proposal);
    if (dice < 0.94) {
      await forge.as(OTHER).comment(proposal, chance.one(TALK));
      return count("talk");
    }
    if (world.byHand(chance.one(workspaces.filter(({ cloud }) => cloud)))) count("changes by hand");
  };
  return { proposals, said, did, act, command, merge, close, mend };
};

/** Every thing that merged pull requests were to make. */
export const thingsOf = ({ workspaces, change }: Proposal): readonly string[] =>
  workspaces.map((workspace) => thingOf(workspace, change));
