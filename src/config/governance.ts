import type { ConfigProblem } from "../model/config.ts";
import {
  BUILT_IN_ROLES,
  type ClassRules,
  DEFAULT_GOVERNANCE,
  type Governance,
  WEEKDAYS,
} from "../model/governance.ts";
import { didYouMean } from "../model/similar.ts";
import { durationOf } from "./duration.ts";
import type { GovernanceYaml } from "./governance-schema.ts";
import { endOfDate } from "./leaf-rules.ts";

/** A `governance:` whose shape is right, over what holds by default. */
export const governanceOf = (yaml: GovernanceYaml): Governance => {
  const { classes } = DEFAULT_GOVERNANCE;
  const rulesOf = (name: keyof typeof classes): ClassRules => withRules(classes[name], yaml.classes?.[name]);
  return {
    roles: yaml.roles ?? {},
    classes: {
      R0: rulesOf("R0"),
      R1: rulesOf("R1"),
      R2: rulesOf("R2"),
      R3: rulesOf("R3"),
      R4: rulesOf("R4"),
      R5: rulesOf("R5"),
    },
    restoreTestMaxAgeMs: durationOf(yaml.restore_test_max_age) ?? DEFAULT_GOVERNANCE.restoreTestMaxAgeMs,
    backupMaxAgeMs: durationOf(yaml.backup_max_age) ?? DEFAULT_GOVERNANCE.backupMaxAgeMs,
    contractApart: yaml.contract_apart ?? true,
    schemaFirst: yaml.schema_first ?? true,
    privilegedIdentities: yaml.privileged_identities ?? DEFAULT_GOVERNANCE.privilegedIdentities,
    freeze: (yaml.freeze ?? []).flatMap(({ from, until, reason, workspaces = [] }) => {
      const [start, end] = [startOfDate(from), endOfDate(until)];
      return start && end ? [{ from: start, until: end, reason, workspaces }] : [];
    }),
  };
};

type ClassYaml = NonNullable<NonNullable<GovernanceYaml["classes"]>["R1"]>;

const withRules = (base: ClassRules, yaml: ClassYaml | undefined): ClassRules => ({
  approvals: yaml?.approvals ?? base.approvals,
  claim: yaml?.claim ?? base.claim,
  backupProof: yaml?.backup_proof ?? base.backupProof,
  windows:
    yaml?.windows?.map(({ days, from, to, timezone }) => ({
      days: days ?? WEEKDAYS,
      from,
      to,
      timezone: timezone ?? "UTC",
    })) ?? base.windows,
});

export const startOfDate = (text: string): Date | undefined =>
  text.length === 10 ? new Date(`${text}T00:00:00Z`) : endOfDate(text);

/** What parts of it say of each other: roles that nobody defines, times that end before they begin. */
export const governanceProblems = (yaml: GovernanceYaml): readonly ConfigProblem[] => {
  const known = [...BUILT_IN_ROLES, ...Object.keys(yaml.roles ?? {})];
  const roles = Object.entries(yaml.classes ?? {}).flatMap(([name, rules]) =>
    (rules?.approvals ?? []).flatMap((role, index) =>
      known.includes(role)
        ? []
        : [
            {
              path: `governance.classes.${name}.approvals[${index}]`,
              message: `There is no role ${role}.${didYouMean(role, known) || " Give it under governance.roles."}`,
            },
          ],
    ),
  );
  const times = (yaml.freeze ?? []).flatMap(({ from, until }, index) => {
    const [start, end] = [startOfDate(from), endOfDate(until)];
    return start && end && end <= start
      ? [{ path: `governance.freeze[${index}].until`, message: "This is not after `from`." }]
      : [];
  });
  return [...roles, ...times, ...windowProblems(yaml)];
};

const windowProblems = ({ classes }: GovernanceYaml): readonly ConfigProblem[] =>
  Object.entries(classes ?? {}).flatMap(([name, rules]) =>
    (rules?.windows ?? []).flatMap(({ from, to }, index) =>
      from === to
        ? [
            {
              path: `governance.classes.${name}.windows[${index}].to`,
              message:
                "This is the same as `from`, so the window never opens; a whole day is 00:00 to 24:00.",
            },
          ]
        : [],
    ),
  );
