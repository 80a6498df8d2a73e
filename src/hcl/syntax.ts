/**
 * HCL as a tree of plain values. Every place is a pair of positions in the text's UTF-16 units, so that
 * `text.slice(start, end)` is exactly what was written, and an edit leaves every other character alone.
 */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface SourceFile {
  readonly path: string;
  readonly text: string;
  readonly body: Body;
  readonly comments: readonly Span[];
  /** What the grammar could not read; `body` then holds only what it could, and must not be edited. */
  readonly problems: readonly SyntaxProblem[];
}

export interface SyntaxProblem extends Span {
  /** From 1. */
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export interface Body {
  readonly attributes: readonly Attribute[];
  readonly blocks: readonly Block[];
}

/** `name = value`, without the comment after it. */
export interface Attribute extends Span {
  readonly name: string;
  readonly value: Expression;
}

export interface Block extends Span {
  readonly type: string;
  readonly labels: readonly string[];
  readonly body: Body;
  /** Position after `{` and position of `}`. */
  readonly open: number;
  readonly close: number;
}

export type Expression = Span &
  (
    | { readonly kind: "literal"; readonly value: string | number | boolean | null }
    | { readonly kind: "template"; readonly parts: readonly TemplatePart[]; readonly heredoc?: Heredoc }
    | { readonly kind: "object"; readonly elements: readonly ObjectElement[] }
    | { readonly kind: "tuple"; readonly elements: readonly Expression[] }
    /** `var.name["x"]`: a name and what is taken from it. */
    | { readonly kind: "traversal"; readonly root: string; readonly steps: readonly Step[] }
    /** The same from something that is no name: `f(x)[0]`. */
    | { readonly kind: "access"; readonly base: Expression; readonly steps: readonly Step[] }
    | {
        readonly kind: "call";
        /** With its namespace: `provider::aws::arn_parse`. */
        readonly name: string;
        readonly args: readonly Expression[];
        readonly expands: boolean;
      }
    | {
        readonly kind: "conditional";
        readonly condition: Expression;
        readonly yes: Expression;
        readonly no: Expression;
      }
    | {
        readonly kind: "for";
        readonly keyName: string | null;
        readonly valueName: string;
        readonly collection: Expression;
        /** Null in a `[for ...]`. */
        readonly key: Expression | null;
        readonly value: Expression;
        readonly condition: Expression | null;
        readonly groups: boolean;
      }
    | { readonly kind: "parentheses"; readonly inner: Expression }
    | { readonly kind: "unary"; readonly operator: string; readonly operand: Expression }
    | {
        readonly kind: "binary";
        readonly operator: string;
        readonly left: Expression;
        readonly right: Expression;
      }
    /** Valid HCL that nobody here looks into: template directives, strip markers, what could not be read. */
    | { readonly kind: "other"; readonly inner: readonly Expression[] }
  );

export type ExpressionOf<Kind extends Expression["kind"]> = Extract<Expression, { readonly kind: Kind }>;

/** Text as it is meant (escapes undone), or an interpolation. */
export type TemplatePart = (Span & { readonly text: string }) | { readonly expression: Expression };

export interface Heredoc {
  /** `<<-`, which takes the common indentation away. */
  readonly flush: boolean;
  /** The lines between the markers. */
  readonly bodyStart: number;
  readonly bodyEnd: number;
}

export interface ObjectElement extends Span {
  readonly key: Expression;
  readonly value: Expression;
}

export type Step = { readonly attribute: string } | { readonly index: Expression } | { readonly splat: true };

/** Turns a text into its tree, whatever is in it. Loaded once by the adapter `hcl-wasm`. */
export type ParseHcl = (path: string, text: string) => SourceFile;
