import { expect, test, vi } from "vitest";
import type { CliWorld } from "../../src/cli/command.ts";
import { isProgress, withPatience } from "../../src/cli/patience.ts";

/** Runs a command that is silent, then speaks, then is silent; gives back all that came, in order. */
const heardBy = async (interactive: boolean): Promise<string> => {
  vi.useFakeTimers();
  let heard = "";
  const hear = (text: string): void => {
    heard += text;
  };
  const { promise, resolve } = Promise.withResolvers<void>();
  const world = { out: hear, err: hear, interactive } as unknown as CliWorld;
  const done = withPatience(world, ["status"], async ({ out }) => {
    await promise;
    out("result\n");
  });
  await vi.advanceTimersByTimeAsync(4000);
  resolve();
  await done;
  await vi.advanceTimersByTimeAsync(60_000);
  vi.useRealTimers();
  return heard;
};

test("on a terminal one line counts the seconds after the first, and is gone before anything is said", async () => {
  const heard = await heardBy(true);
  expect(heard.startsWith("\rplumbline status goes on, 1 s")).toBe(true);
  const line = "plumbline status goes on, 4 s";
  expect(heard.endsWith(`${line}\r${" ".repeat(line.length)}\rresult\n`)).toBe(true);
});

test("where nobody looks it is a line after the first second, and now and then one more, and what is quick says nothing", async () => {
  const line = "plumbline status goes on, 1 s ...\n";
  expect(await heardBy(false)).toBe(`${line}result\n`);
  expect([line, "result\n", `${line}result\n`].map(isProgress)).toEqual([true, false, false]);
  const said: string[] = [];
  const world = { out: () => {}, err: (text: string) => said.push(text), interactive: true };
  expect(await withPatience(world as unknown as CliWorld, ["x"], async () => 7)).toBe(7);
  expect(said).toEqual([]);
});
