import { describe, expect, test } from "vitest";
import { editProofGate, type ProofFacts } from "../../src/gate/edit-proof.ts";

const proof = { head: "aaa", digest: "pd1:proven", parts: {}, files: { "a.tf": "00" }, formalized: [] };
const facts = (more: Partial<ProofFacts> = {}): ProofFacts => ({
  proof,
  head: "aaa",
  fresh: "pd1:0123456789abcdef",
  changes: true,
  changedPaths: [],
  changedFiles: [],
  approved: false,
  trigger: "plumbline",
  ...more,
});
const messages = (more: Partial<ProofFacts>) => editProofGate(facts(more)).map(({ message }) => message);

describe("an edit of ours is applied only as it was proven", () => {
  test("the same plan for the same head is", () => {
    expect(editProofGate(facts())).toEqual([]);
  });

  test.each([
    ["nothing is kept", { proof: null }, "Nothing was proven"],
    ["the head holds no proven edit", { proof: { ...proof, digest: null } }, "Nothing was proven"],
    ["somebody pushed", { head: "bbb", changedFiles: ["b.tf"] }, "not the one that was proven"],
    ["there is no head", { head: null }, "not the one that was proven"],
    ["code or reality moved", { changedPaths: ["aws_db.main.class"] }, "no longer holds"],
  ])("it is stopped where %s; an empty plan and an approved one are not", (_what, more, message) => {
    expect(messages(more).join()).toContain(message);
    expect(messages({ ...more, changes: false })).toEqual([]);
    expect(messages({ ...more, approved: true })).toEqual([]);
  });

  test("what differs is named, with both ways out", () => {
    const [reason] = editProofGate(
      facts({ head: "bbb", changedFiles: ["b.tf"], changedPaths: ["aws_db.main.class"] }),
    );
    expect(reason).toMatchObject({ gate: "proof-changed", details: ["b.tf", "aws_db.main.class"] });
    expect(reason?.wayOut).toContain("`plumbline drift`");
    expect(reason?.wayOut).toContain("`plumbline approve 0123456789ab`");
  });
});
