import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dirGlobProblem, matchesDir } from "../../src/config/dir-glob.ts";
import { compilePatterns, patternsUnder } from "../../src/config/patterns.ts";
import { processorTime } from "../timing.ts";

const matcher = (...patterns: readonly string[]) => {
  const compiled = compilePatterns(patterns);
  if (!compiled.ok) throw new Error(`${compiled.pattern}: ${compiled.message}`);
  return compiled.matcher;
};

describe("one pattern", () => {
  const rows: readonly [pattern: string, path: string, matches: boolean][] = [
    ["**", "file", true],
    ["**", "dir/file/", true],
    ["**/", "file", true],
    ["**", "/", true],
    ["**/**", "dir/file", true],
    ["*", "a", true],
    ["*", "dir/file", true],
    ["dir", "dir/any/depth", true],
    ["dir/", "dir/file", true],
    ["dir/**", "dir/a/b", true],
    ["dir/**", "dir", false],
    ["**/dir", "dir", true],
    ["**/dir", "dir/file", true],
    ["**/dir2/*", "dir/dir2/file", true],
    ["**/dir2/**", "dir/dir2/dir3/file", true],
    ["**file", "file", true],
    ["**file", "dir/dir/file", true],
    ["**file", "myfile", true],
    ["**/file", "myfile", false],
    ["**/.foo", ".foo", true],
    ["**/.foo", "bar.foo", false],
    ["**/file*.txt*", "dir/dir/file.txt", true],
    ["**/**/*.txt", "file.txt", true],
    ["**/**/*.txt2", "dir/dir/file.txt", false],
    ["a**/*.txt", "a/dir/dir/file.txt", true],
    ["a/*.txt", "a/dir/file.txt", false],
    ["a/*.txt**", "a/file.txt", true],
    ["*.tf*", "main.tf", true],
    ["*.tf*", "terraform.tfvars", true],
    ["*.tf*", "sub/main.tf", false],
    ["../**/*.tf", "../main.tf", true],
    ["a[b-d]e", "ace", true],
    ["a[b-d]e", "aae", false],
    ["a[^b-d]e", "aze", true],
    ["ab[^e-g]", "abc", true],
    ["[a-ζ]*", "α", true],
    ["a?b", "a☺b", true],
    ["a???b", "a☺b", false],
    ["a?b", "a/b", false],
    ["a*b", "a/b", false],
    ["a[^a]b", "a/b", true],
    ["[\\]a]", "]", true],
    ["[x\\-]", "-", true],
    ["[x\\-]", "z", false],
    ["a\\*b", "a*b", true],
    ["a\\*b", "axb", false],
    ["a\\\\", "a\\", true],
    [".*", ".foo", true],
    [".*", "foo", false],
    ["abc.def", "abcZdef", false],
    ["abc?def", "abcdef", false],
    ["a(b)c/def", "a(b)c/def", true],
    ["a.|)$(}+{bc", "a.|)$(}+{bc", true],
    ["dist/*.whl", "dist/x.py-2.4.0rc3.dev36+g08-py3-none-any.whl", true],
    ["a*b*c*d*e*/f", "axbxcxdxe/f", true],
    ["a*b?c*x", "abxbbxdbxebxczzy", false],
    ["abc", "abc/d", true],
    ["abc", "abcd", false],
    ["./a/./b", "a/b", true],
    [" *.tf ", "a.tf", true],
  ];
  test.each(rows)("%j on %j is %j", (pattern, path, matches) => {
    expect(matcher(pattern).matches(path)).toBe(matches);
  });

  test.each(["[", "[^", "[^bc", "a[", "[]a]", "[-]", "[x-]", "[-x]", "[a-b-c]", "\\", "!", "[b-a]"])(
    "%j is malformed",
    (pattern) => {
      expect(compilePatterns(["ok", pattern])).toMatchObject({ ok: false, pattern });
    },
  );
});

describe("several patterns", () => {
  test.each([
    [["docs", "!docs/README.md"], "docs/README.md", false],
    [["docs/*", "!docs/README.md"], "docs/README.md", false],
    [["!a.go", "*.go"], "a.go", true],
    [["*.go", "!a.go"], "a.go", false],
    [["**", "!util/web"], "util/web/foo", false],
    [["**", "!util/web", "util/web/foo"], "util/web/foo", true],
    [["**", "  !dist/*.whl "], "dist/x.whl", false],
    [["", "  "], "x", false],
    [[], "/any/path", false],
  ])("%j on %s is %j", (patterns, path, matches) => {
    expect(matcher(...patterns).matches(path)).toBe(matches);
  });

  test("patterns of a folder may reach out of it", () => {
    expect(patternsUnder("stacks/a", ["*.tf", "../../modules/**", "!old/*", " ! x"])).toEqual([
      "stacks/a/*.tf",
      "modules/**",
      "!stacks/a/old/*",
      "!stacks/a/ x",
    ]);
    expect(patternsUnder(".", ["**/*.tf", "!x"])).toEqual(["**/*.tf", "!x"]);
  });

  test("an exclusion is told from a path that nothing mentions", () => {
    const patterns = matcher("*.tf", "!skip.tf", "!old/**");
    expect(["main.tf", "other/x.tf", "skip.tf", "old/a/b"].map((path) => patterns.excludes(path))).toEqual([
      false,
      false,
      true,
      true,
    ]);
  });

  test("a pattern made to hang does not", () => {
    const used = processorTime();
    matcher(`${"**/a*".repeat(40)}b`).matches(`${"a/".repeat(400)}a`);
    expect(used()).toBeLessThan(2_000);
  });

  test("plain paths match themselves and what lies in them", () => {
    const name = fc.stringMatching(/^[a-z.]{1,6}$/).filter((text) => !/^\.+$/.test(text));
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 4 }), name, (steps, child) => {
        const path = steps.join("/");
        expect(matcher(path).matches(path)).toBe(true);
        expect(matcher(path).matches(`${path}/${child}`)).toBe(true);
        expect(matcher("**", `!${path}`).matches(`${path}/${child}`)).toBe(false);
      }),
    );
  });
});

describe("folder globs", () => {
  test.each([
    ["modules/*", "modules/a", true],
    ["modules/*", "modules/a/b", false],
    ["modules/**", "modules", true],
    ["modules/**", "modules/a/b", true],
    ["**", "a/b", true],
    ["**/prod", "prod", true],
    ["**/prod", "eu/x/prod", true],
    ["a**", "ab", true],
    ["a**", "a/b", false],
    ["env[0-9]", "env7", true],
    ["env[!0-9]", "envx", true],
    ["env[^0-9]", "env7", false],
    ["stacks/{eu,us}/*", "stacks/us/x", true],
    ["stacks/{eu,us{1,2}}/*", "stacks/us2/x", true],
    ["stacks/{eu,us}/*", "stacks/ap/x", false],
    ["a\\*", "a*", true],
  ])("%s on %s is %j", (glob, dir, matches) => {
    expect(dirGlobProblem(glob)).toBeUndefined();
    expect(matchesDir(glob, dir)).toBe(matches);
  });

  test.each(["a/[b", "a/{b", "a\\", "{a,b}".repeat(20), "*".repeat(2000)])("%s is malformed", (glob) => {
    expect(dirGlobProblem(glob)).toBeDefined();
    expect(() => matchesDir(glob, "a")).not.toThrow();
  });
});
