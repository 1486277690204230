/** Exchanges the key for a session, then opens the page that was asked for. */
const form = document.querySelector('#sign-in');
const message = document.querySelector('.message');

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  message.textContent = '';
  const response = await fetch('/v1/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ key: form.elements.key.value.trim() }),
  }).catch(() => null);
  if (response?.ok) location.assign(pageAskedFor());
  else message.textContent = response === null ? 'The server does not answer.' : (await response.json()).detail;
});

/** Only pages of this site. */
function pageAskedFor() {
  const next = new URL(new URLSearchParams(location.search).get('next') ?? '/', location.origin);
  return next.origin === location.origin ? next.pathname + next.search : '/';
}
