import { describe, expect, test } from "vitest";
import { TABLE } from "../../src/cli/table.ts";
import { COMMANDS } from "../../src/model/command.ts";
import { pages, proseOf, snippetsOf } from "./pages.ts";
import { snippetProblems } from "./snippet-checks.ts";

const all = pages();

describe("every snippet", () => {
  test.each(all.filter((page) => snippetsOf(page).length > 0))("of $path", async (page) => {
    const found: string[] = [];
    for (const snippet of snippetsOf(page)) {
      const problems = await snippetProblems(snippet);
      found.push(...problems.map((problem) => `${snippet.page}:${snippet.line}: ${problem}`));
    }
    expect(found).toEqual([]);
  });

  test("one that is wrong or unknown is found", async () => {
    const text = [
      "```yaml server\nlisten: { prot: 1 }\n```",
      "```yaml plumbline\nworkspaces: [{ dirr: a }]\n```",
      "```yaml atlantis\nversion: 4\n```",
      "```yaml claim\nstateful_change: { class: R9 }\n```",
      "```sh\nplumbline drift --wat\n```",
      "```sh\nPLUMBLINE_PROT=1 plumbline serve\n```",
      "```sh\nnpm run nothing\n```",
      "```sh\nunheard-of\n```",
      "```comment\nplumbline aply\n```",
      "```http\nGET /api/v1/nothing\n```",
      "```hcl\nresource {\n```",
      "```sql\nSELEC 1\n```",
      "```rego\nallow\n```",
      "```json\n{\n```",
      "```yaml\na: 1\n```",
      "```\nplumbline drift\n```",
      "```output\n$ plumbline drift\n```",
    ];
    const right = await Promise.all(
      text.map(async (block) => {
        const [snippet] = snippetsOf({ path: "x.md", text: block });
        return snippet && (await snippetProblems(snippet)).length === 0 ? block : [];
      }),
    );
    expect(right.flat()).toEqual([]);
  });
});

test("commands in running text exist", () => {
  const first = new Set([...TABLE.map(({ words }) => words[0] ?? ""), ...COMMANDS, "COMMAND"]);
  const second = new Map(
    [...Map.groupBy(TABLE, ({ words }) => words[0] ?? "")].map(([word, group]) => [
      word,
      group.some(({ words }) => words.length === 1)
        ? null
        : new Set(group.map(({ words }) => words[1] ?? "")),
    ]),
  );
  const wrong = all
    .filter(({ path }) => path !== "CHANGELOG.md")
    .flatMap((page) =>
      [...proseOf(page).matchAll(/`(?:npx )?plumbline ([a-z_-]+)(?: ([a-z][a-z_|-]*))?[^`]*`/g)].flatMap(
        ([text, command = "", follower]) => {
          const followers = second.get(command);
          const known =
            first.has(command) &&
            (!followers ||
              follower === undefined ||
              COMMANDS.some((name) => name === command) ||
              follower.split("|").every((word) => followers.has(word)));
          return known ? [] : [`${page.path}: ${text}`];
        },
      ),
    );
  expect(wrong).toEqual([]);
});
