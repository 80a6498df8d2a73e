import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { lint } from "./lint-world.ts";

const corpora = fileURLToPath(new URL("../../../shared/corpora/sql", import.meta.url));
const missing = !existsSync(corpora);

// SQL in quotes, code blocks and heredocs of other languages; and whole files of those, which are no SQL at all.
test.skipIf(missing)(
  "every corpus is read to its end, whatever it holds (skipped: ../shared is not here)",
  () => {
    const files = readdirSync(corpora, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    let statements = 0;
    for (const entry of files) {
      const text = readFileSync(join(entry.parentPath, entry.name), "utf8");
      lint(text);
      for (const [, , quoted = ""] of text.matchAll(
        /(["'`]|```sql\n|<<~?SQL\n)([\s\S]{6,400}?)(\1|```|SQL\n)/g,
      )) {
        const { findings } = lint(quoted);
        if (!findings.some(({ rule }) => rule === "syntax-error")) statements += 1;
      }
    }
    expect(files.length).toBeGreaterThan(50);
    expect(statements).toBeGreaterThan(50);
  },
);

test("a thousand migrations in one go", () => {
  const files = Object.fromEntries(
    Array.from({ length: 1000 }, (_, index) => [
      `V${index}__step.sql`,
      `create table t${index} (id bigint primary key, name text not null, at timestamptz default now());
       create index on t${index} (name); alter table t${index} add constraint c check (name <> '') not valid;
       -- é\nalter table t${index - 1} add column extra jsonb default '{}';
       update t${index - 1} set extra = '{"a": 1}' where id between 1 and 1000;`,
    ]),
  );
  expect(lint(files).findings.length).toBeGreaterThan(999);
});
