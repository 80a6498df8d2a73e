import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { loadCatalogue } from "../../src/adapters/catalogue-files.ts";
import { loadHcl } from "../../src/adapters/hcl-wasm.ts";
import { loadSqlParser } from "../../src/adapters/libpg.ts";
import { importAtlantis } from "../../src/config/atlantis-import.ts";
import { checkConfigText } from "../../src/config/check.ts";
import { parseShape } from "../../src/config/repo-config.ts";
import { readResourceContext } from "../../src/config/resource-context.ts";
import { serverSchema, serverShape } from "../../src/config/server-schema.ts";
import { readClaims } from "../../src/config/stateful-change.ts";
import { readBackfill } from "../../src/migration/backfill.ts";
import type { ConfigProblem } from "../../src/model/config.ts";
import { parseCatalogue } from "../../src/risk/catalogue.ts";
import { withOverrides } from "../../src/risk/overrides.ts";
import { ROOT } from "../cli/world.ts";
import { OPA } from "../policy/opa-here.ts";
import { commandProblem, commandsOf, commentProblem } from "./command-lines.ts";
import type { Snippet } from "./pages.ts";

/** Everything that is wrong with a snippet; one of an unknown kind is wrong, too. */
export const snippetProblems = async (snippet: Snippet): Promise<readonly string[]> => {
  const check =
    CHECKS[[snippet.language, snippet.words[0]].filter(Boolean).join(" ")] ?? CHECKS[snippet.language];
  if (!check) return [`Nobody checks blocks of the kind "${snippet.language} ${snippet.words.join(" ")}".`];
  try {
    return await check(snippet.text);
  } catch (thrown) {
    return [(thrown as Error).message];
  }
};

type Check = (text: string) => readonly string[] | Promise<readonly string[]>;

const told = (problems: readonly ConfigProblem[]): readonly string[] =>
  problems.map(({ path, message }) => `${path}: ${message}`);

/** A part of plumbline.yaml stands for the whole one. */
const plumblineFile: Check = async (text) => {
  const whole = /^version:/m.test(text) ? text : `version: 1\n${text}`;
  const parsed = checkConfigText(whole, { file: "plumbline.yaml" });
  if (!parsed.ok) return told(parsed.problems);
  const overrides = parsed.value.stateful ?? [];
  if (overrides.length === 0) return [];
  const judged = withOverrides(await loadCatalogue(), overrides);
  return judged.ok ? [] : told(judged.problems);
};

const serverFile: Check = (text) => {
  const parsed = parseShape(text, serverSchema, serverShape);
  return parsed.ok ? [] : told(parsed.problems);
};

const atlantisFile =
  (which: "repository" | "server"): Check =>
  (text) => {
    const none = { repository: null, server: null, flags: null, repositoryId: null };
    const result = importAtlantis({ ...none, [which]: { name: "", text } });
    return result.ok ? [] : told(result.problems);
  };

const commandLines: Check = (text) =>
  commandsOf(text).flatMap((words) => {
    const problem = commandProblem(words);
    return problem === undefined ? [] : [`${words.join(" ")}: ${problem}`];
  });

const script: Check = (text) => {
  execFileSync("sh", ["-n"], { input: text, stdio: ["pipe", "ignore", "pipe"] });
  return [];
};

const comments: Check = (text) =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .flatMap((line) => {
      const problem = commentProblem(line);
      return problem === undefined ? [] : [`${line}: ${problem}`];
    });

/** `METHOD /path` on the first line; an answer may follow. */
const http: Check = (text) => {
  const [, method = "", path = ""] = /^([A-Z]+) (\S+)/.exec(text) ?? [];
  const { paths } = JSON.parse(readFileSync(join(ROOT, "docs/openapi.json"), "utf8")) as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  };
  const asked = path.split("?")[0]?.replace(/^\/api\/v1/, "") ?? "";
  const found = Object.entries(paths).find(([template, methods]) => {
    const pattern = new RegExp(`^${template.replaceAll(/\{\w+\}/g, "[^/]+")}$`);
    return pattern.test(asked) && Object.hasOwn(methods, method.toLowerCase());
  });
  return found ? [] : [`The API has no ${method} ${path}.`];
};

const hcl: Check = async (text) =>
  (await loadHcl())("main.tf", text).problems.map((problem) => JSON.stringify(problem));

const sql: Check = async (text) => {
  const parsed = (await loadSqlParser())(text);
  return parsed.ok ? [] : [parsed.message];
};

/** Both dialects, as the service takes them; without OPA only that it is a module. */
const rego: Check = (text) => {
  if (!/^package \S+$/m.test(text)) return ["This is no module."];
  if (OPA)
    execFileSync(OPA.binary, ["fmt"], {
      input: text,
      stdio: ["pipe", "ignore", "pipe"],
    });
  return [];
};

const yaml: Check = (text) => {
  parse(text);
  return [];
};
const json: Check = (text) => {
  JSON.parse(text);
  return [];
};

const CHECKS: Readonly<Record<string, Check>> = {
  "yaml plumbline": plumblineFile,
  "yaml server": serverFile,
  "yaml atlantis": atlantisFile("repository"),
  "yaml atlantis-server": atlantisFile("server"),
  "yaml claim": (text) => told(readClaims(text, []).problems),
  "yaml migration-metadata": (text) => told(readClaims("", [{ path: "", text }]).problems),
  "yaml resource-context": (text) => {
    const read = readResourceContext(text, "snippet");
    return read.ok ? [] : told(read.problems);
  },
  "yaml backfill": async (text) => {
    readBackfill("snippet.backfill.yaml", text, { schema: "public", parse: await loadSqlParser() });
    return [];
  },
  "yaml catalogue": (text) => {
    const rules = readFileSync(join(ROOT, "src/risk/catalogue/rules.yaml"), "utf8");
    const read = parseCatalogue([
      { name: "rules.yaml", text: rules },
      { name: "snippet", text },
    ]);
    return read.ok ? [] : told(read.problems);
  },
  // Files of others: their programs judge them.
  "yaml github-workflow": yaml,
  "yaml kubernetes": yaml,
  "yaml compose": yaml,
  json,
  sh: commandLines,
  "sh script": script,
  // Played by sessions.test.ts.
  console: () => [],
  comment: comments,
  http,
  hcl,
  sql,
  rego,
  // What the demo prints, in its order.
  "output story": (text) => {
    const transcript = readFileSync(join(ROOT, "test/story/transcript.txt"), "utf8").split("\n");
    let at = 0;
    return text
      .split("\n")
      .filter((line) => line !== "")
      .filter((line) => {
        // Lines may be shown from their beginning on.
        const found = transcript.findIndex((said, index) => index >= at && said.startsWith(line));
        at = Math.max(at, found);
        return found === -1;
      })
      .map((line) => `The story does not print: ${line}`);
  },
  // What a program prints; a command in it would go unchecked.
  output: (text) => (/^\s*(\$|npx|plumbline) /m.test(text) ? ["A command stands in a block of output."] : []),
};
