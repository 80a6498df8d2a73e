import { expect, test } from "vitest";
import { loadHcl } from "../../src/adapters/hcl-wasm.ts";
import { codeTree } from "../../src/config/code-tree.ts";
import { escapingLink } from "../../src/config/escaping-link.ts";
import { moduleReader } from "../../src/hcl/module.ts";

const read = moduleReader(await loadHcl());
const found = (main: string, links: Record<string, string>, varFiles: readonly string[] = []) => {
  const code = codeTree(
    {
      paths: ["app/main.tf", "module/main.tf", "docs/readme.md", ...Object.keys(links)],
      texts: new Map([
        ["app/main.tf", main],
        ["module/main.tf", 'locals {\n  text = file("${path.module}/../data/text")\n}\n'],
      ]),
      links: new Map(Object.entries(links)),
    },
    read,
  );
  return escapingLink(code, Object.keys(links), { dir: "app", name: "prod", varFiles });
};

test("links out are found where an engine would follow them", () => {
  expect(found("", { "app/x": "/etc" })).toBe("app/x");
  expect(found("", { "vars/all.tfvars": "../../key" }, ["../vars/all.tfvars"])).toBe("vars/all.tfvars");
  expect(found("", { vars: "/etc/plumbline" }, ["../vars/all.tfvars"])).toBe("vars");
  expect(found("", { "app/env/prod.tfvars": "/etc/x" })).toBe("app/env/prod.tfvars");
  const read = 'locals {\n  text = file("${path.module}/../data/text")\n}\n';
  expect(found(read, { data: "/proc/self" })).toBe("data");
  expect(found('module "m" {\n  source = "../module"\n}\n', { data: "../../other" })).toBe("data");
  const computed = 'locals {\n  text = file(var.name)\n}\nvariable "name" {}\n';
  expect(found(computed, { "docs/link": "/etc/passwd" })).toBe("docs/link");
});

test("links inside, and those that nothing of the workspace goes through, are left alone", () => {
  expect(found("", { "docs/link": "/etc/passwd", "app/shared.tf": "../module/main.tf" })).toBeUndefined();
});
