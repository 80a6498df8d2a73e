import cookie from "@fastify/cookie";
import type { FastifyInstance, FastifyPluginAsync } from "fastify";
import { PlumblineError } from "../model/errors.ts";
import type { Log } from "../ports/log.ts";
import type { Login, PendingLogin } from "../ports/login.ts";
import { type GuardWorld, repeatsWord, whoAsks } from "./guard.ts";
import { safeBack } from "./safe-back.ts";
import { beginSession, endSession, type SessionWorld, takePending, writePending } from "./session.ts";

export interface AccessRoutes {
  readonly guard: GuardWorld;
  readonly sessions: SessionWorld;
  /** Null: there is no identity provider, and no login. */
  readonly login: Login | null;
  /** How people reach the service, without a slash at its end. */
  readonly publicUrl: string;
  readonly log: Log;
}

/** Cookies signed by the instance. To be called once on the whole server, before its routes. */
export const addCookies = (app: FastifyInstance, secret: string): void => {
  app.register(cookie, { secret });
};

/**
 * `/login` and `/login/callback` for people, `/logout`, and `/api/me`: who the caller is, with the word that forms
 * must repeat. A login leads back to the page of our own that `?back=` named when it began.
 */
export const accessRoutes =
  ({ guard, sessions, login, publicUrl, log }: AccessRoutes): FastifyPluginAsync =>
  async (app) => {
    app.get("/api/me", async (request, reply) => {
      const principal = await whoAsks(guard, request);
      if (!principal) return reply.code(401).send({ message: "Nobody is logged in." });
      return { ...principal, csrf: (await guard.session(request))?.csrf ?? null };
    });
    app.post("/logout", async (request, reply) => {
      const session = await guard.session(request);
      if (!session) return reply.code(401).send({ message: "Nobody is logged in." });
      if (!(await repeatsWord(guard, request)))
        return reply.code(403).send({ message: "The x-csrf-token of /api/me is missing." });
      await endSession(sessions, session, reply);
      return reply.code(204).send();
    });
    if (!login) return;
    const callback = `${publicUrl}/login/callback`;
    app.get<{ Querystring: { back?: string } }>("/login", async (request, reply) => {
      try {
        const { url, pending } = await login.begin(callback);
        writePending(sessions, reply, { ...pending, back: safeBack(String(request.query.back ?? "/")) });
        return reply.redirect(url);
      } catch (error) {
        log.warn("a login could not begin", { error });
        return reply.code(503).send({ message: "The identity provider cannot be asked. Try again later." });
      }
    });
    app.get("/login/callback", async (request, reply) => {
      const kept = takePending(sessions, request, reply);
      if (!kept) return reply.code(400).send({ message: "This login is over. Begin again at /login." });
      try {
        const search = new URL(request.url, publicUrl).search;
        beginSession(
          sessions,
          reply,
          await login.finish(new URL(`${callback}${search}`), kept as unknown as PendingLogin),
        );
      } catch (error) {
        log.warn("a login failed", { error });
        const message = error instanceof PlumblineError ? error.message : "The login failed.";
        return reply.code(403).send({ message: `${message} Begin again at /login.` });
      }
      // Signed or not, it is looked at again before anybody is sent there.
      return reply.redirect(safeBack(String(kept["back"] ?? "/")));
    });
  };
