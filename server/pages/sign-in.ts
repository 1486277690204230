import type { RequestHandler } from 'express';
import { html, type Markup } from '../../platform/html';
import { contextOf } from '../http/context';
import { layoutPage } from './layout';

/** Leads people who have not signed in to the page where they can, and back afterwards. */
export const signedInOnly: RequestHandler = (request, response, next) => {
  if (contextOf(response).caller === null)
    response.redirect(303, `/sign-in?next=${encodeURIComponent(request.originalUrl)}`);
  else next();
};

/**
 * Asks for an API key, which the script exchanges for a session; no page keeps it. With the link of a mail, it asks for
 * a click instead: programs that look at the links of mails open them too, and must not use them up.
 */
export const signInPage = (): Markup =>
  layoutPage({
    title: 'Sign in to Spaceport',
    refreshSeconds: null,
    main: html`<h1>Sign in</h1>
<form id="sign-in">
<p>Your administrator has given you an API key. It is exchanged for a cookie, and not kept in the browser.</p>
<label>API key <input name="key" type="password" autocomplete="current-password" required></label>
<button class="main">Sign in</button>
</form>
<form id="sign-in-link" hidden>
<p>The link of your mail opens Spaceport once, in this browser.</p>
<button class="main">Sign in</button>
</form>
<p class="message" role="alert"></p>
<noscript><p>Signing in needs JavaScript.</p></noscript>
<script src="/assets/sign-in.js" type="module"></script>`,
  });
