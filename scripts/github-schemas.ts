import { readFile, writeFile } from "node:fs/promises";

// Makes test/contract/github-schemas.generated.json: GitHub's own schemas for the answers of the local forge, without
// the rest of a description that is 12 MB. To renew it, unpack `npm pack @octokit/openapi` somewhere and run
//   node scripts/github-schemas.ts PATH/TO/package/generated/api.github.com.json

/** What the local forge answers: method, path as GitHub's description spells it, status of the good answer. */
const OPERATIONS = [
  ["get", "/user", "200"],
  ["get", "/app", "200"],
  ["post", "/app/installations/{installation_id}/access_tokens", "201"],
  ["get", "/repos/{owner}/{repo}", "200"],
  ["get", "/repos/{owner}/{repo}/installation", "200"],
  ["get", "/repos/{owner}/{repo}/branches/{branch}", "200"],
  ["get", "/repos/{owner}/{repo}/rules/branches/{branch}", "200"],
  ["get", "/repos/{owner}/{repo}/collaborators/{username}/permission", "200"],
  ["get", "/orgs/{org}/teams/{team_slug}/memberships/{username}", "200"],
  ["get", "/repos/{owner}/{repo}/activity", "200"],
  ["post", "/repos/{owner}/{repo}/statuses/{sha}", "201"],
  ["get", "/repos/{owner}/{repo}/commits/{ref}/status", "200"],
  ["get", "/repos/{owner}/{repo}/commits/{ref}/check-runs", "200"],
  ["get", "/repos/{owner}/{repo}/pulls", "200"],
  ["post", "/repos/{owner}/{repo}/pulls", "201"],
  ["get", "/repos/{owner}/{repo}/pulls/{pull_number}", "200"],
  ["patch", "/repos/{owner}/{repo}/pulls/{pull_number}", "200"],
  ["put", "/repos/{owner}/{repo}/pulls/{pull_number}/merge", "200"],
  ["get", "/repos/{owner}/{repo}/pulls/{pull_number}/reviews", "200"],
  ["post", "/repos/{owner}/{repo}/pulls/{pull_number}/reviews", "200"],
  ["get", "/repos/{owner}/{repo}/issues", "200"],
  ["post", "/repos/{owner}/{repo}/issues", "201"],
  ["get", "/repos/{owner}/{repo}/issues/{issue_number}", "200"],
  ["patch", "/repos/{owner}/{repo}/issues/{issue_number}", "200"],
  ["get", "/repos/{owner}/{repo}/issues/{issue_number}/comments", "200"],
  ["post", "/repos/{owner}/{repo}/issues/{issue_number}/comments", "201"],
  ["get", "/repos/{owner}/{repo}/issues/comments/{comment_id}", "200"],
  ["patch", "/repos/{owner}/{repo}/issues/comments/{comment_id}", "200"],
  ["get", "/repos/{owner}/{repo}/issues/comments/{comment_id}/reactions", "200"],
  ["post", "/repos/{owner}/{repo}/issues/comments/{comment_id}/reactions", "201"],
] as const;

type Tree = { [key: string]: unknown };

interface Description {
  readonly paths: Record<string, Record<string, { responses: Record<string, { content?: Tree }> }>>;
  readonly components: { readonly schemas: Record<string, unknown> };
}

const main = async (source: string | undefined): Promise<void> => {
  if (!source) throw new Error("Name the file api.github.com.json of @octokit/openapi.");
  const whole = JSON.parse(await readFile(source, "utf8")) as Description;
  const operations: Tree = {};
  for (const [method, path, status] of OPERATIONS)
    operations[`${method.toUpperCase()} ${path}`] = slim(answerOf(whole, method, path, status));
  const schemas: Tree = {};
  for (const name of namesUsed(whole, operations)) schemas[name] = slim(whole.components.schemas[name]);
  const target = new URL("../test/contract/github-schemas.generated.json", import.meta.url);
  await writeFile(target, `${JSON.stringify({ operations, components: { schemas } })}\n`);
};

const answerOf = (whole: Description, method: string, path: string, status: string): unknown => {
  const content = whole.paths[path]?.[method]?.responses[status]?.content as Record<string, Tree> | undefined;
  const schema = content?.["application/json"]?.["schema"];
  if (!schema) throw new Error(`${method} ${path} ${status} is not described.`);
  return schema;
};

/** Everything that is referred to, directly or through others. */
const namesUsed = (whole: Description, operations: Tree): readonly string[] => {
  const names = new Set<string>();
  const collect = (tree: unknown): void => {
    for (const [, name = ""] of JSON.stringify(tree).matchAll(/#\/components\/schemas\/([\w-]+)/g)) {
      if (names.has(name)) continue;
      names.add(name);
      collect(whole.components.schemas[name]);
    }
  };
  collect(operations);
  return [...names].sort();
};

const WORDS = ["description", "title", "summary", "example", "examples", "externalDocs", "default"];

/** Without prose, and with OpenAPI's `nullable` in the words of JSON Schema. A property may be called `description`. */
const slim = (tree: unknown, named = false): unknown => {
  if (Array.isArray(tree)) return tree.map((item) => slim(item));
  if (typeof tree !== "object" || tree === null) return tree;
  const kept = Object.entries(tree).filter(
    ([key]) => named || (!WORDS.includes(key) && !key.startsWith("x-")),
  );
  const whole = Object.fromEntries(
    kept.map(([key, value]) => [key, slim(value, !named && key === "properties")]),
  );
  return named ? whole : withNull(whole);
};

const withNull = ({ nullable, ...schema }: Tree): Tree => {
  if (nullable !== true) return schema;
  if (typeof schema["type"] !== "string") return { anyOf: [schema, { type: "null" }] };
  const values = Array.isArray(schema["enum"]) ? { enum: [...schema["enum"], null] } : {};
  return { ...schema, ...values, type: [schema["type"], "null"] };
};

await main(process.argv[2]);
