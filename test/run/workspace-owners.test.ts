import { expect, test } from "vitest";
import type { AlertRoute } from "../../src/model/alert.ts";
import type { Git } from "../../src/ports/git.ts";
import type { Ledger, WorkspaceRow } from "../../src/ports/ledger.ts";
import { syncWorkspaces } from "../../src/run/sync-workspaces.ts";
import { judgedOwners, ownersAt, ownersOf } from "../../src/run/workspace-owners.ts";
import type { World } from "../../src/run/world.ts";
import { alert, at, channelOf } from "../alert/bench.ts";
import { silent } from "../contract/engine-bench.ts";

/** A branch whose CODEOWNERS says this; null: the repository cannot be read. */
const gitWith = (text: string | null): Git =>
  ({
    resolve: async () => {
      if (text === null) throw new Error("gone");
      return "tip";
    },
    readFiles: async () => new Map([[".github/CODEOWNERS", new TextEncoder().encode(text ?? "")]]),
  }) as unknown as Git;

const worldWith = (text: string | null, kept: string[] = []) => ({
  ...{ git: gitWith(text), log: silent },
  ledger: {
    workspaces: {
      own: async (key: string, owners: readonly string[]) => kept.push(`${key} ${owners.join(" ")}`),
    },
  } as unknown as Ledger,
});

const workspace = (dir: string, owners: readonly string[] = []): WorkspaceRow =>
  ({
    ...{ key: `acme/infra//${dir}#default`, repo: "acme/infra", dir, kind: "terraform" },
    ...{ refs: { desired: { branch: "main" } }, config: { owners, drift: { ignore: [] } } },
  }) as unknown as WorkspaceRow;

const OWNED = "* @acme/platform\n/data/ @acme/db @dana\n";

test.each([
  ["its folder's line", OWNED, workspace("data/orders"), ["@acme/db", "dana"]],
  ["the line for everything", OWNED, workspace("network"), ["@acme/platform"]],
  ["what the workspace names itself", OWNED, workspace("data/orders", ["@acme/own"]), ["@acme/own"]],
  ["nobody, where it cannot be read", null, workspace("network"), []],
])("whose an alert is: %s", async (_name, text, row, owners) => {
  expect(await ownersOf(worldWith(text), row)).toEqual(owners);
});

test("what was read is kept for all who ask; nothing is kept of what could not be read", async () => {
  const kept: string[] = [];
  await ownersOf(worldWith(OWNED, kept), workspace("data/orders"));
  await ownersOf(worldWith(null, kept), workspace("network"));
  expect(kept).toEqual(["acme/infra//data/orders#default @acme/db dana"]);
  const known = { ...workspace("network"), owners: ["@acme/kept"] };
  expect(await ownersOf(worldWith(OWNED, kept), known)).toEqual(["@acme/kept"]);
});

test("policies and approvals take the same owners, and none where they cannot be read", async () => {
  const judged = (text: string | null, owners: readonly string[] = []) => {
    const git = {
      ...gitWith(text),
      ...(text === null ? { readFiles: () => Promise.reject(new Error("gone")) } : {}),
    };
    return judgedOwners({ git }, "acme/infra", "tip", { dir: "data/orders", kind: "terraform", owners });
  };
  expect(await judged(OWNED)).toEqual(["@acme/db", "dana"]);
  expect(await judged(null, ["@acme/own"])).toEqual(["@acme/own"]);
  await expect(judged(null)).rejects.toThrow("gone");
});

test("CODEOWNERS may speak of files by their ending: a folder of migrations is no folder of Terraform", async () => {
  const owners = await ownersAt(worldWith("*.tf @acme/cloud\n*.sql @acme/dba\n"), "acme/infra", "tip");
  expect(owners(workspace("db"))).toEqual(["@acme/cloud"]);
  expect(owners({ ...workspace("db"), kind: "postgres-migrations" })).toEqual(["@acme/dba"]);
});

test("a route by CODEOWNERS takes its alerts and no others", async () => {
  const owners = async (dir: string) => ownersOf(worldWith(OWNED), workspace(dir));
  const rest = { workspaces: null, severity: "info", afterMs: null } as const;
  const routes: readonly AlertRoute[] = [
    { ...rest, owners: ["@acme/db"], channels: ["ops"] },
    { ...rest, owners: null, channels: ["chat"] },
  ];
  const told = channelOf({ routes }).ask(at("12:00"), [
    alert("db", { owners: await owners("data/orders") }),
    alert("net", { owners: await owners("network") }),
  ]);
  expect(told.map(({ alerts }) => alerts.map(({ fingerprint }) => fingerprint))).toEqual([["db"]]);
});

test("whenever the deploy branch moves, owners are read for all of its workspaces", async () => {
  const rows: Partial<WorkspaceRow>[] = [];
  const config =
    "version: 1\nworkspaces:\n  - { dir: data/orders }\n  - { dir: network, owners: ['@acme/own'] }\n";
  const files = new Map([
    [".github/CODEOWNERS", OWNED],
    ["plumbline.yaml", config],
  ]);
  const workspaces = { upsert: async (row: WorkspaceRow) => void rows.push(row), list: async () => [] };
  const world = {
    git: {
      readFiles: async (_repo: string, _commit: string, names: readonly string[]) =>
        new Map(
          names.flatMap((name) => {
            const text = files.get(name);
            return text === undefined ? [] : [[name, new TextEncoder().encode(text)]];
          }),
        ),
    },
    forge: { defaultBranch: async () => "main" },
    codeAt: async () => ({ code: { folders: [] }, paths: ["data/orders/main.tf", "network/main.tf"] }),
    ledger: { transaction: (work: (ledger: unknown) => Promise<void>) => work({ workspaces }) },
    ...{ clock: { now: () => at("12:00") }, log: silent },
  } as unknown as World;
  await syncWorkspaces(world, "acme/infra", "tip");
  expect(rows.map(({ dir, owners }) => [dir, owners])).toEqual([
    ["data/orders", ["@acme/db", "dana"]],
    ["network", ["@acme/own"]],
  ]);
});
