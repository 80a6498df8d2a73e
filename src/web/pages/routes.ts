import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import type { Principal } from "../../model/access.ts";
import { PlumblineError } from "../../model/errors.ts";
import type { Json } from "../../model/json.ts";
import type { PullRef } from "../../model/pull.ts";
import { ACTIONS } from "../api/actions.ts";
import { OPERATIONS } from "../api/operations.ts";
import { admitted, answerTo, perform, Refused } from "../api/perform.ts";
import { answerNotFound } from "../api/problem.ts";
import type { ApiRoutes } from "../api/routes.ts";
import { safeBack } from "../safe-back.ts";
import { beginTokenSession, endSession, type SessionWorld } from "../session.ts";
import { auditPage, evidencePage } from "./audit.ts";
import { addCompression } from "./compressed.ts";
import { masked, unmasked } from "./csrf-mask.ts";
import { addEvidenceFile } from "./evidence-file.ts";
import { findingPage } from "./finding.ts";
import { findingsPage } from "./findings.ts";
import { framed } from "./frame.ts";
import { numbersPage } from "./numbers.ts";
import { overviewPage } from "./overview.ts";
import type { Asked, Drawn, Page } from "./page.ts";
import { policiesPage } from "./policies.ts";
import { type Answer, notFoundPage, problemAnswer, wantsPage } from "./problem.ts";
import { queuePage } from "./queue.ts";
import { redacted } from "./redacted.ts";
import { runPage } from "./run.ts";
import { runsPage } from "./runs.ts";
import { addScripts } from "./scripts.ts";
import { settingsPage } from "./settings.ts";
import { signInPage } from "./sign-in.ts";
import { STYLE, STYLE_URL } from "./style.ts";
import { toldPage } from "./told.ts";
import { workspacePage } from "./workspace.ts";

export interface PagesWorld extends Omit<ApiRoutes, "version"> {
  readonly sessions: SessionWorld;
  /** Whether `/login` leads to an identity provider. */
  readonly provider: boolean;
  /** The hash of a token that counts; null for any other. */
  readonly tokenHash: (text: string) => Promise<string | null>;
  readonly redact: (text: string) => string;
  readonly pullUrl: (pull: PullRef) => string | null;
}

/** In the order of the navigation. */
export const PAGES: readonly Page[] = [
  overviewPage,
  findingsPage,
  runsPage,
  queuePage,
  policiesPage,
  numbersPage,
  auditPage,
  settingsPage,
  ...[workspacePage, findingPage, runPage, evidencePage],
];

const MENU = PAGES.flatMap(({ path, menu }) => (menu === null ? [] : [{ path, word: menu }]));
const MOST_BYTES = 64 * 1024;

/**
 * A Fastify plugin: the pages, which ask the API's questions, and their forms, which do its actions; both as whoever is
 * signed in. Everything is read and done without a script; one follows logs.
 */
export const pageRoutes =
  (world: PagesWorld): FastifyPluginAsync =>
  async (app) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser(
      "application/x-www-form-urlencoded",
      { parseAs: "string", bodyLimit: MOST_BYTES },
      (_request, body, done) => done(null, new URLSearchParams(String(body))),
    );
    addCompression(app);
    app.setErrorHandler((error, request, reply) =>
      sendProblem(world, request, reply, problemAnswer(world, error, request)),
    );
    app.setNotFoundHandler((request, reply) =>
      wantsPage(request)
        ? sendProblem(world, request, reply, { status: 404, drawn: notFoundPage(request) })
        : answerNotFound(request, reply),
    );
    app.get(STYLE_URL, async (_request, reply) =>
      reply
        .type("text/css; charset=utf-8")
        .header("cache-control", "public, max-age=31536000, immutable")
        .send(STYLE),
    );
    addScripts(app);
    for (const page of PAGES) addPage(app, world, page);
    // The address of alerts; reading it changes nothing.
    app.get<{ Params: { id: string } }>("/drift/:id", async (request, reply) =>
      reply.redirect(findingAddress(request.params)),
    );
    // Which form the alert's link meant. A fragment would be lost on the way through the sign-in, so that comes first.
    app.get<{ Params: { id: string; form: string } }>("/drift/:id/:form", async (request, reply) => {
      await admitted(world.guard, request);
      return reply.redirect(`${findingAddress(request.params)}#${encodeURIComponent(request.params.form)}`);
    });
    addEvidenceFile(app, async (request) =>
      askedBy(world, await admitted(world.guard, request), request, null),
    );
    addForms(app, world);
    addSignIn(app, world);
  };

const findingAddress = ({ id }: { readonly id: string }): string => `/findings/${encodeURIComponent(id)}`;

const addPage = (app: FastifyInstance, world: PagesWorld, page: Page): void => {
  app.get<{ Params: { id?: string } }>(page.path, async (request, reply) => {
    const principal = await admitted(world.guard, request);
    const session = await world.guard.session(request);
    const csrf = session && masked(session.csrf);
    const drawn = await page.draw(askedBy(world, principal, request, csrf));
    return send(reply, drawn, { who: principal.name, csrf, path: page.path });
  });
};

const askedBy = (
  world: PagesWorld,
  principal: Principal,
  request: FastifyRequest<{ Params: { id?: string } }>,
  csrf: string | null,
): Asked => ({
  ...{ principal, csrf, query: queryOf(request), id: request.params.id ?? "" },
  now: world.once.now(),
  pullUrl: world.pullUrl,
  ask: async <Answer>(
    name: string,
    { id = "", query = {} }: { readonly id?: string; readonly query?: object } = {},
  ) => {
    const operation = OPERATIONS.find((one) => one.name === name);
    if (!operation) throw new Error(`There is no question ${name}.`);
    return redacted((await answerTo(world.ask, principal, operation, { id, query })) as Answer, world.redact);
  },
});

/** Forms send what was left empty too; of what is given twice the last counts. */
const queryOf = ({ query }: FastifyRequest): Asked["query"] =>
  Object.fromEntries(
    Object.entries(query as Record<string, string | string[]>).flatMap(([name, value]) => {
      const one = Array.isArray(value) ? value.at(-1) : value;
      return one ? [[name, one]] : [];
    }),
  );

const addForms = (app: FastifyInstance, world: PagesWorld): void => {
  app.post<{ Params: { action: string; id: string }; Body: URLSearchParams }>(
    "/do/:action/:id",
    async (request, reply) => {
      const form = formOf(request);
      const principal = await admitted(world.guard, request);
      const { action: name, id } = request.params;
      const action = ACTIONS.find((one) => one.name === name);
      if (!action) throw new PlumblineError("not-found", `There is no action ${name}.`);
      request.headers["idempotency-key"] = form.get("once") ?? undefined;
      const done = await perform(world, { principal, request }, action, { id, body: bodyOf(form) });
      const csrf = (await world.guard.session(request))?.csrf ?? null;
      const told = redacted(JSON.parse(JSON.stringify(done.answer)) as Json, world.redact);
      return send(reply, toldPage(action, id, told), {
        who: principal.name,
        csrf: csrf && masked(csrf),
        path: "",
      });
    },
  );
};

/** The form, with its word where the guard looks for it. */
const formOf = (request: FastifyRequest): URLSearchParams => {
  const form = request.body instanceof URLSearchParams ? request.body : new URLSearchParams();
  request.headers["x-csrf-token"] = unmasked(form.get("csrf") ?? "");
  return form;
};

/** What a form says, as the API's bodies have it: `targets` may be there often. */
const bodyOf = (form: URLSearchParams): Record<string, unknown> => ({
  ...Object.fromEntries([...form].filter(([name, value]) => value !== "" && !OURS.has(name))),
  ...(form.has("targets") ? { targets: form.getAll("targets") } : {}),
});
const OURS = new Set(["csrf", "once"]);

const addSignIn = (app: FastifyInstance, world: PagesWorld): void => {
  const { provider, sessions } = world;
  app.get("/sign-in", async (_request, reply) =>
    send(reply, signInPage({ provider, back: "/", failed: false }), NOBODY),
  );
  app.post("/sign-in", async (request, reply) => {
    // Another site must not sign somebody in as somebody else.
    if (!["same-origin", "none", undefined].includes(request.headers["sec-fetch-site"] as string | undefined))
      throw new Refused(403, "Sign in from the page of Plumbline itself.");
    const form = request.body instanceof URLSearchParams ? request.body : new URLSearchParams();
    const back = safeBack(form.get("back") ?? "/");
    const hash = await world.tokenHash((form.get("token") ?? "").trim());
    if (hash === null) return send(reply.code(403), signInPage({ provider, back, failed: true }), NOBODY);
    beginTokenSession(sessions, reply, hash);
    return reply.redirect(back, 303);
  });
  app.post("/sign-out", async (request, reply) => {
    formOf(request);
    await admitted(world.guard, request);
    const session = await world.guard.session(request);
    if (session) await endSession(sessions, session, reply);
    return reply.redirect("/sign-in", 303);
  });
};

const NOBODY = { who: null, csrf: null, path: "" };

const send = (
  reply: FastifyReply,
  drawn: Drawn,
  { who, csrf, path }: { readonly who: string | null; readonly csrf: string | null; readonly path: string },
): FastifyReply =>
  reply
    .type("text/html; charset=utf-8")
    .send(framed(drawn, { who, csrf, path, menu: MENU, styleUrl: STYLE_URL }));

/** With the navigation for whoever is signed in. */
const sendProblem = async (
  world: PagesWorld,
  request: FastifyRequest,
  reply: FastifyReply,
  { status, drawn }: Answer,
): Promise<FastifyReply> => {
  const session = await Promise.resolve(world.guard.session(request)).catch(() => null);
  const who = session && { who: session.principal.name, csrf: masked(session.csrf), path: "" };
  return send(reply.code(status), drawn, status === 401 || !who ? NOBODY : who);
};
