import { documentText, html, type Piece } from "./html.ts";
import type { Drawn } from "./page.ts";

export interface Frame {
  /** Null: nobody is signed in. */
  readonly who: string | null;
  readonly csrf: string | null;
  readonly menu: readonly { readonly path: string; readonly word: string }[];
  readonly path: string;
  readonly styleUrl: string;
}

/** A page as a whole document: the navigation, who is signed in, and what the page has to say. */
export const framed = ({ title, body, script }: Drawn, frame: Frame): string =>
  documentText(html`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <title>${title} · Plumbline</title>
      <link rel="icon" href="data:," />
      <link rel="stylesheet" href=${frame.styleUrl} />
      ${script === undefined ? null : html`<script type="module" src=${script}></script>`}
    </head>
    <body>
      <a class="skip" href="#content">To the content</a>
      <header>
        <a class="mark" href="/">Plumbline</a>
        ${frame.who === null ? null : menu(frame)}
        ${frame.who === null ? null : identity(frame.who, frame.csrf)}
      </header>
      <main id="content" tabindex="-1">${body}</main>
    </body>
  </html>`);

const menu = ({ menu: entries, path }: Frame): Piece =>
  html`<nav aria-label="Pages"><ul>${entries.map(
    (entry) =>
      html`<li><a href=${entry.path} aria-current=${entry.path === path ? "page" : null}>${entry.word}</a></li>`,
  )}</ul></nav>`;

const identity = (who: string, csrf: string | null): Piece =>
  html`<div class="who"><span>${who}</span>${
    csrf === null
      ? null
      : html`<form method="post" action="/sign-out"><input type="hidden" name="csrf" value=${csrf} /><button class="quiet">Sign out</button></form>`
  }</div>`;
