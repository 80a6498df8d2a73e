/**
 * Whether a server's sentence about names says nothing beyond the text of the statement: each quoted part, what follows
 * a colon and every word that is not the server's own has to stand there. SQL that is put together from rows at run time, and a
 * row's text that is read as a name (`::regclass`), bring in others. Sentences in another language do not count.
 */
export const isOfText = (message: string, text: string): boolean => {
  const source = text.toLowerCase();
  const stands = (part: string): boolean => part === "" || standsIn(part.toLowerCase(), source);
  const [, sentence = message, named = ""] = /^([^:]*): (.*)$/s.exec(message) ?? [];
  const quoted = [...message.matchAll(QUOTED)].map(([, name = ""]) => name);
  const words = sentence.replaceAll(QUOTED, " ").match(/[^\s"(),;:']+/g) ?? [];
  return (
    [...quoted, withoutQuotes(named)].every(stands) && words.every((one) => SERVERS.has(one) || stands(one))
  );
};

const QUOTED = /"([^"]*)"/g;
const withoutQuotes = (text: string): string => text.replaceAll('"', "").trim();

/** As a whole: not within a longer name. */
const standsIn = (part: string, source: string): boolean => {
  for (let at = source.indexOf(part); at !== -1; at = source.indexOf(part, at + 1)) {
    const around = `${source[at - 1] ?? " "}${source[at + part.length] ?? " "}`;
    if (!/[\p{L}\p{N}_$]/u.test(around)) return true;
  }
  return false;
};

/** Words that the server makes such sentences of. */
const SERVERS: ReadonlySet<string> = new Set(
  `a access aggregate allowed already alter ambiguous an and another any are argument arguments as at automatically be because by
   can cannot cast catalog change changed class collation column columns configuration constraint contain contains conversion
   could create data database default defined delete depend depends dictionary do does domain drop dropped end event exist
   existing exists explicitly expression extension family for foreign from function generated given group has have identifier
   identity implemented in incompatible index inherited inherits input insert inside into invalid is it its key keys language
   large local long mapping match matching materialized method missing more multiple must name named names near need no
   nonexistent not null number object objects of on only operator option or other outside owner parameter parser partition
   partitioned permission policy primary procedure publication query quoted record referenced referencing relation remove
   rename requires role row rows rule run same schema search sequence server set specified statement statistics string
   subscription supported syntax system table tables tablespace template temporary text than that the there this to too
   transaction trigger type types unique unknown unterminated update used user uses using value values view views which with
   without wrapper wrong yet zero-length`.split(/\s+/),
);
