import htm from "htm";
import { h, type VNode } from "preact";
import { render } from "preact-render-to-string";

/** A piece of a page. Texts in it are escaped when it is rendered; there is no way around that. */
export type Piece = VNode | readonly Piece[] | string | number | null | false;

/** Its types speak of a module's `default`, and Node gives the function itself. */
const tagFor = htm as unknown as { bind(make: typeof h): Tag };
type Tag = (strings: TemplateStringsArray, ...values: readonly unknown[]) => Piece;

/** A tagged template of HTML. Every value in it is text or an attribute's value, never markup. */
export const html: Tag = tagFor.bind(h);

/** A whole document, from its `<html>` on. */
export const documentText = (page: Piece): string => `<!doctype html>${render(page as VNode)}`;
