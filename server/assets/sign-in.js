/** Exchanges a key, or the link of a mail, for a session, then opens the page that was asked for. */
const form = document.querySelector('#sign-in');
const linkForm = document.querySelector('#sign-in-link');
const message = document.querySelector('.message');

const [, link] = /^#link=(.+)$/.exec(location.hash) ?? [];
if (link !== undefined) {
  // Neither the address bar nor the history of the browser keeps it.
  history.replaceState(null, '', location.pathname + location.search);
  form.hidden = true;
  linkForm.hidden = false;
  linkForm.addEventListener('submit', (event) => signIn(event, { link }));
}
form.addEventListener('submit', (event) => signIn(event, { key: form.elements.key.value.trim() }));

async function signIn(event, shown) {
  event.preventDefault();
  message.textContent = '';
  const response = await fetch('/v1/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(shown),
  }).catch(() => null);
  if (response?.ok) location.assign(pageAskedFor());
  else if (response === null) message.textContent = 'The server does not answer.';
  else if (response.status === 401 && 'link' in shown)
    message.textContent = 'The link was used before, or its 15 minutes are over. Ask for another one.';
  else message.textContent = (await response.json()).detail;
}

/** Only pages of this site. */
function pageAskedFor() {
  const next = new URL(new URLSearchParams(location.search).get('next') ?? '/', location.origin);
  return next.origin === location.origin ? next.pathname + next.search : '/';
}
