import { writeComment } from "./write-access.ts";
import { entriesOf, type Pair, type RelationFacts, sameFacts } from "./write-facts.ts";
import { identifier, sqlName } from "./write-names.ts";
import type { Piece } from "./write-piece.ts";
import type { Forced } from "./write-relation.ts";

/** Comments on indexes, constraints, triggers, rules and policies, which go with a part that is dropped and made anew. */
export const writePartComments = (
  { address, name, from, to }: Pair<RelationFacts>,
  forced: Forced,
  lateKey: (text: string) => boolean = () => false,
): readonly Piece[] =>
  entriesOf(from?.comments, to?.comments).flatMap(([key, before, after]) => {
    const [part, own] = [key.slice(0, key.indexOf(" ")), key.slice(key.indexOf(" ") + 1)];
    const [had, has] = [factOf(from, part, own), factOf(to, part, own)];
    // An index may also be a constraint's.
    const ofKey = part === "index" && had === undefined && Object.hasOwn(to?.constraints ?? {}, own);
    if (has === undefined && !ofKey) return [];
    const remade = !sameFacts(had, has) || (had !== undefined && forced(textOf(had)) !== null);
    const on =
      part === "index"
        ? `INDEX ${sqlName({ ...name, name: own })}`
        : `${part.toUpperCase()} ${identifier(own)} ON ${sqlName(name)}`;
    const late = remade && /^(index|constraint)$/.test(part) && (from !== null || lateKey(textOf(has)));
    return writeComment(address, on, remade ? undefined : before, after).map((piece) =>
      late ? { ...piece, step: "validate" as const } : piece,
    );
  });

const factOf = (relation: RelationFacts | null, part: string, own: string): unknown => {
  const facts = { index: relation?.indexes, constraint: relation?.constraints, trigger: relation?.triggers };
  const others = { rule: relation?.rules, policy: relation?.policies };
  const named = { ...facts, ...others }[part as keyof typeof facts] as
    | Readonly<Record<string, unknown>>
    | undefined;
  return named !== undefined && Object.hasOwn(named, own) ? named[own] : undefined;
};

const textOf = (facts: unknown): string => {
  if (typeof facts === "string") return facts;
  const { definition, using, check } = (facts ?? {}) as Readonly<Record<string, unknown>>;
  return [definition, using, check].join(" ");
};
