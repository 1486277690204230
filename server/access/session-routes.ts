import type { CookieOptions, RequestHandler } from 'express';
import { rateLimit } from 'express-rate-limit';
import { z } from 'zod';
import { SCOPES } from '../../contracts/access/scopes';
import { SESSION_VIEW, SIGN_IN_LINK } from '../../contracts/access/view-schema';
import { NO_BODY, strictBody } from '../http/request-schemas';
import { route, type Route } from '../http/route';
import { emailSchema } from '../jobs/schemas';
import { cookieOf, SESSION_COOKIE, type Refuse } from './authenticate';
import { callerOf } from './caller';
import { TAG } from './routes';
import { callerView, SESSION_MS, type SessionDesk, type ShownSecret } from './sessions';
import type { SendSignInLink } from './sign-in-links';
import { tooMany } from './too-many';

/** Mails with links that a tenant may have sent in an hour. */
const LINKS_PER_HOUR = 60;

/** Sessions of browsers, and the links of mails that open one. */
export const sessionRoutes = (sessions: SessionDesk, sendLink: SendSignInLink, refuse: Refuse): Route[] => [
  ...linkRoutes(sendLink, limitedLinks()),
  ...cookieRoutes(sessions, refuse),
];

/** The server mails whoever it is told to: so many people at a time, and no more. */
const limitedLinks = (): RequestHandler =>
  rateLimit({
    windowMs: 3600_000,
    limit: LINKS_PER_HOUR,
    standardHeaders: false,
    legacyHeaders: false,
    keyGenerator: (_request, response) => callerOf(response).tenant,
    handler: tooMany(`a tenant may have ${LINKS_PER_HOUR} links mailed in an hour; try again later`),
  });

/** Only over HTTPS or to this machine, for no script to read, and not with requests that other sites make. */
const COOKIE: CookieOptions = { httpOnly: true, secure: true, sameSite: 'lax', path: '/' };

const SIGN_IN = strictBody({
  key: z.string().optional().describe('An API key'),
  link: z.string().optional().describe('What stands behind `#link=` in the link of a mail, in place of a key'),
}).transform(({ key, link }, context): ShownSecret => {
  if (key !== undefined && link === undefined) return { key };
  if (link !== undefined && key === undefined) return { link };
  context.addIssue({ code: 'custom', path: ['key'], message: 'is needed, or the link of a mail, but not both' });
  return z.NEVER;
});

const linkRoutes = (sendLink: SendSignInLink, fewLinks: RequestHandler): Route[] => [
  route(
    {
      method: 'post',
      path: '/v1/sign-in-links',
      operation: 'sendSignInLink',
      tag: TAG,
      summary: 'Mail somebody a link that opens a session, once, within 15 minutes',
      description: "The session has the caller's tenant, and ends with the key that asks for the link.",
      scope: 'admin',
      body: strictBody({
        email: emailSchema.describe('Who gets the link'),
        scopes: z
          .array(z.enum(SCOPES))
          .min(1, 'must name one at least')
          .max(SCOPES.length)
          .default(['read'])
          .describe("Of the session: the caller's own at most"),
      }),
      example: { email: 'pilot@example.com', scopes: ['read', 'write'] },
      idempotent: { secrets: [] },
      before: [fewLinks],
      answers: { 201: { description: 'The mail server has taken the mail', schema: SIGN_IN_LINK } },
      problems: ['MAIL_REJECTED', 'RATE_LIMITED'],
    },
    async ({ caller, body: { email, scopes } }) => ({
      status: 201,
      body: await sendLink(
        caller,
        email,
        SCOPES.filter((scope) => scopes.includes(scope)),
      ),
    }),
  ),
];

const cookieRoutes = (sessions: SessionDesk, refuse: Refuse): Route[] => [
  route(
    {
      method: 'post',
      path: '/v1/session',
      operation: 'signIn',
      tag: TAG,
      summary: 'Exchange an API key, or the link of a mail, for the cookie of a session',
      description: 'A link is good for this once.',
      scope: null,
      body: SIGN_IN,
      example: { key: 'spk_…' },
      answers: {
        201: { description: 'Signed in', schema: SESSION_VIEW, headers: { 'Set-Cookie': 'The session, for 14 days' } },
      },
      problems: ['UNAUTHENTICATED', 'RATE_LIMITED'],
    },
    async ({ body, request, response }) => {
      const signedIn = await sessions.signIn(body);
      if (signedIn === null) return refuse(request, response);
      response.cookie(SESSION_COOKIE, signedIn.cookie, { ...COOKIE, maxAge: SESSION_MS });
      return { status: 201, body: signedIn.session };
    },
  ),
  route(
    {
      method: 'get',
      path: '/v1/session',
      operation: 'getSession',
      tag: TAG,
      summary: 'Who the caller is',
      scope: 'read',
      answers: { 200: { description: 'The caller', schema: SESSION_VIEW } },
    },
    async ({ caller }) => ({ status: 200, body: callerView(caller) }),
  ),
  route(
    {
      method: 'delete',
      path: '/v1/session',
      operation: 'signOut',
      tag: TAG,
      summary: 'End the session',
      scope: null,
      body: NO_BODY,
      answers: { 204: { description: 'Signed out' } },
    },
    async ({ request, response }) => {
      const cookie = cookieOf(request);
      if (cookie !== null) await sessions.signOut(cookie);
      response.clearCookie(SESSION_COOKIE, COOKIE);
      return { status: 204 };
    },
  ),
];
