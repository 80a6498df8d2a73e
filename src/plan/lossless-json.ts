import type { Json } from "../model/json.ts";
import { parseJson as parse } from "../model/lossless-json.ts";

/** Parses JSON without losing a digit; see model/lossless-json.ts. Throws a SyntaxError on broken text. */
export const parseJson = (text: string): Json => parse(text);
