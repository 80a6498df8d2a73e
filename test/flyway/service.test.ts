import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type DatabaseStage, openDatabaseStage, settings } from "../story/database-stage.ts";
import { installedTool } from "./tools.ts";
import { withoutTools } from "./world.ts";

const CHANGELOG =
  "--liquibase formatted sql\n--changeset me:1\ncreate table orders (id bigint primary key, status text);\n";

describe.skipIf(withoutTools !== null)(
  `a service with a folder of Liquibase${withoutTools === null ? "" : `: ${withoutTools}`}`,
  { timeout: 500_000 },
  () => {
    let databases: DatabaseStage;
    beforeAll(async () => {
      vi.stubEnv("PLUMBLINE_LIQUIBASE", installedTool("liquibase", process.env) ?? "");
      vi.stubEnv("JAVA_OPTS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC");
      databases = await openDatabaseStage(["changed"]);
    }, 120_000);
    afterAll(() => databases.close());

    test("rehearses what is proposed, runs it, and keeps what was changed by hand by changesets of a drift pull request", async () => {
      const { stage, inDatabase, ledger } = databases;
      const repo = await stage.repo("changed", {
        "plumbline.yaml": settings("changed").replace("{url", "{tool: liquibase, url"),
        "db/changelog.sql": CHANGELOG,
      });
      const more = `${CHANGELOG}--changeset me:2\nalter table orders add column note text;\n`;
      const number = await repo.propose({ "db/changelog.sql": more });
      const said = repo.said(number).join("\n");
      expect(said).toContain("**Rehearsed**");
      expect(said).toContain("A second run finds nothing to do.");
      await repo.merge(number);
      expect(await inDatabase("changed", "select id from databasechangelog order by orderexecuted")).toEqual([
        { id: "1" },
        { id: "2" },
      ]);
      await inDatabase("changed", "alter table orders add column extra int");
      await repo.look("db");
      const [drift] = stage.forge.pulls(repo.name).filter(({ author }) => author.login === "plumbline[bot]");
      const onDrift = drift?.number ?? 0;
      const text = await stage.forge.read(repo.name, drift?.pull.headRef ?? "", "db/changelog.sql");
      expect(text, drift?.body).toContain(`${more}\n--changeset plumbline:formalize_drift `);
      await repo.comment(onDrift, "plumbline formalize", "lee");
      expect(repo.said(onDrift).join("\n")).toContain("Merged: it is run");
      expect(
        (await inDatabase("changed", "select id from databasechangelog order by orderexecuted")).at(-1),
      ).toEqual({
        id: "formalize_drift",
      });
      expect(await ledger().findings.open(repo.key("db"))).toEqual([]);
    });
  },
);
