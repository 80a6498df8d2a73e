import { expect, test } from "vitest";
import { parseComment } from "../../src/config/comment.ts";
import type { Asked } from "../../src/run/asked.ts";
import { followCommand } from "../../src/run/command.ts";
import type { World } from "../../src/run/world.ts";

const world = { server: { triggerWords: ["plumbline"] } } as unknown as World;

/** What follows from a comment on an open pull request. */
const following = (body: string) => {
  const pull = { repo: "acme/infra", number: 7, state: "open", head: { ref: "wish", sha: "h" } };
  const command = parseComment(body, { triggerWords: ["plumbline"] });
  return followCommand(world, { command, pull, by: "dana", commentId: 1 } as unknown as Asked);
};

test("engine flags reach a plan each as one word", async () => {
  const jobs = await following("plumbline plan -- -target aws_x.y -refresh=false");
  expect(jobs).toMatchObject([{ job: { kind: "assess", flags: ["-target=aws_x.y", "-refresh=false"] } }]);
});

test.each([
  ["plan -- -lock=false", "allowed engine flags"],
  ["plan -- -var-file=/etc/passwd", "inside the repository"],
  ["plan -- -input=true", "allowed engine flags"],
  ["plan -- -refresh=$TOKEN", "true or false"],
  ["apply -- -target=a.b", "give this to `plan`"],
  ["unlock -- -x", "no engine flags"],
])("%s is refused, and nothing runs", async (words, why) => {
  const jobs = await following(`plumbline ${words}`);
  expect(jobs).toMatchObject([{ job: { kind: "reply", body: expect.stringContaining(why) } }]);
});
