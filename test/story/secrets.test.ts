import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createDirectoryStore } from "../../src/adapters/artifacts-directory.ts";
import { createSeal } from "../../src/adapters/artifacts-seal.ts";
import { openDatabase } from "../../src/adapters/database.ts";
import { keptKeys } from "../../src/adapters/instance.ts";
import { createToken } from "../../src/run/access-tokens.ts";
import { PAGES } from "../../src/web/pages/routes.ts";
import { allRows } from "../contract/small-system.ts";
import { openSmallStage, type SmallStage } from "./small-stage.ts";

// Each with characters that every encoding writes otherwise; none looks like a known token.
const IN_ENV = "canary one/9f8e?7d6c+5b";
const IN_VARIABLE = "canary two/1a2b?3c4d+5e";
const IN_FILE = "canary three/6f7a?8b9c+0d";
const IN_OUTPUT = "canary four/2e3f?4a5b+6c";

const IN_BROKEN = "canary five/7d8c?9b0a+1f";

const spellings = (secret: string): readonly string[] => [
  secret,
  encodeURIComponent(secret),
  encodeURIComponent(secret).replaceAll("%20", "+"),
  Buffer.from(secret).toString("hex"),
  Buffer.from(secret).toString("base64").replaceAll("=", ""),
  // As it stands in `user:SECRET`, where the start is moved.
  Buffer.from(`user:${secret}`).toString("base64").slice(8, -4),
];
const ALL = [IN_ENV, IN_VARIABLE, IN_FILE, IN_OUTPUT, IN_BROKEN].flatMap(spellings);
const canariesIn = (text: string): readonly string[] => ALL.filter((canary) => text.includes(canary));

let stage: SmallStage;
beforeAll(async () => {
  const env = { CANARY_TOKEN: IN_ENV, TF_VAR_db_password: IN_VARIABLE };
  stage = await openSmallStage((config) => ({
    ...config,
    engine: { ...config.engine, planEnv: env, applyEnv: env },
  }));
});
afterAll(() => stage.close());

// Raw, encoded, in two writes of one line, and from a committed file.
const LEAK = `echo "env: $CANARY_TOKEN"
printf '%s' "$CANARY_TOKEN" | base64
printf 'user:%s' "$CANARY_TOKEN" | base64
printf '%s' "$CANARY_TOKEN" | od -An -v -tx1 | tr -d ' \\n'; echo
printf 'canary on'; sleep 0.2; echo 'e/9f8e?7d6c+5b'
echo "variable: $TF_VAR_db_password" >&2
cat terraform.tfvars
`;

const code = (end: string, more = ""): Record<string, string> => ({
  "main.tf": `variable "db_password" {
  type      = string
  sensitive = true
}
variable "api_key" {
  type      = string
  sensitive = true
}
resource "terraform_data" "it" {
  input = [var.db_password, var.api_key]
  provisioner "local-exec" {
    command = "sh ./leak.sh; ${end}"
  }
}
output "password" {
  value     = "${IN_OUTPUT}"
  sensitive = true
}
${more}`,
  "terraform.tfvars": `api_key = "${IN_FILE}"\n`,
  "leak.sh": LEAK,
});
const under = (dir: string, files: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [`${dir}/${name}`, text]));

test("secrets of a run are at none of its exits", async () => {
  const repo = await stage.repo("secrets", { "README.md": "" });
  const good = await repo.propose(under("good", code("exit 0")));
  await repo.merge(good);
  const bad = await repo.propose(under("bad", code("exit 1")));
  await repo.merge(bad);
  // The engine shows the values of an expression that fails, before any plan tells which of them are secret.
  const failing = `locals {\n  port = tonumber(nonsensitive(var.api_key))\n}\noutput "port" {\n  value = local.port\n}\n`;
  const files = { ...code("exit 0", failing), "terraform.tfvars": `api_key = "${IN_BROKEN}"\n` };
  const broken = await repo.propose(under("broken", files));

  const numbers = [good, bad, broken];
  for (const number of numbers) {
    expect(canariesIn(repo.said(number).join("\n"))).toEqual([]);
    expect(
      canariesIn(
        JSON.stringify(stage.forge.statuses(repo.name, stage.forge.pull(repo.name, number).pull.headSha)),
      ),
    ).toEqual([]);
  }
  expect(repo.said(bad).join("\n")).toContain("exit status 1");
  expect(repo.said(broken).join("\n")).toContain("tonumber");
  expect(canariesIn(JSON.stringify(stage.alerts))).toEqual([]);

  await answersTellNone(numbers.length);

  const { artifacts } = stage.service().world;
  const readable: string[] = [];
  for await (const { key } of artifacts.list("")) {
    if (key.endsWith("plan.json") || key.endsWith(".tfplan")) continue;
    readable.push(key);
    const content = await keptText(key);
    expect({ key, found: canariesIn(content) }).toEqual({ key, found: [] });
  }
  expect(readable.some((key) => key.startsWith("evidence/"))).toBe(true);
  expect(readable.filter((key) => key.endsWith("log.txt")).length).toBeGreaterThanOrEqual(5);

  await stage.stop();
  expect(canariesIn(stage.logged.join("\n"))).toEqual([]);
  const database = await openDatabase({ url: null, dataDir: join(stage.config.dataDir, "database") });
  const rows = await allRows(database).finally(() => database.close());
  for (const [table, texts] of Object.entries(rows))
    expect({ table, found: canariesIn(texts.join("\n")) }).toEqual({ table, found: [] });
  for (const file of await filesOf(stage.config.dataDir)) {
    // Git holds what was committed.
    if (file.includes("/git/")) continue;
    expect({ file, found: canariesIn(await readFile(file, "latin1")) }).toEqual({ file, found: [] });
  }
}, 120_000);

/** Everything that the API and the pages tell of these runs, asked by somebody who may see all of it. */
const answersTellNone = async (pulls: number): Promise<void> => {
  const { world, url } = stage.service();
  const wish = { name: "t", role: "admin" as const, workspaces: ["*"], by: "ops", expiresAt: null };
  const { text } = await createToken(world, wish);
  const headers = { authorization: `Bearer ${text}` };
  const ask = async (path: string): Promise<string> => {
    const answer = await fetch(`${url}${path}`, { headers });
    const body = await answer.text();
    expect({ path, status: answer.status, found: canariesIn(body) }).toEqual({
      path,
      status: 200,
      found: [],
    });
    return body;
  };
  const lists = [
    "workspaces",
    "runs",
    "findings?state=all",
    "locks",
    "queue",
    "audit",
    "evidence",
    "settings",
  ];
  for (const list of lists) await ask(`/api/v1/${list}`);
  await ask("/metrics");
  for (const { path, menu } of PAGES) if (menu !== null || path === "/evidence") await ask(path);
  const { items } = JSON.parse(await ask("/api/v1/runs?limit=500")) as {
    items: { id: string; workspace: string }[];
  };
  expect(items.length).toBeGreaterThanOrEqual(pulls + 2);
  for (const { id, workspace } of items) {
    await ask(`/api/v1/runs/${id}`);
    expect(await ask(`/runs/${id}`)).toContain("</html>");
    for (const place of ["/api/v1/workspaces", "/workspaces"])
      await ask(`${place}/${encodeURIComponent(workspace)}`);
    expect(await ask(`/api/v1/runs/${id}/log`)).toContain('"text":"');
  }
};

const keptText = async (key: string): Promise<string> => {
  const { dataDir, artifacts } = stage.config;
  const sealed = await createDirectoryStore(artifacts).get(key);
  const content = sealed && createSeal(await keptKeys(dataDir)).open(key, sealed);
  if (!content) throw new Error(`${key} cannot be opened.`);
  return new TextDecoder().decode(content);
};

const filesOf = async (folder: string): Promise<readonly string[]> => {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
};
