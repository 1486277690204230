// Renews the page's main part while a job changes, and sends what its buttons say.
const main = document.querySelector('main');
let timer;

/** Takes the page's newest main part from the server; a viewer that is open is never reloaded. */
async function refresh() {
  try {
    const response = await fetch(location.href, { headers: { accept: 'text/html' } });
    if (response.ok) {
      const fresh = new DOMParser().parseFromString(await response.text(), 'text/html');
      const next = fresh.querySelector('main');
      document.title = fresh.title;
      main.dataset.refreshSeconds = next.dataset.refreshSeconds;
      const open = new Set([...main.querySelectorAll('details')].flatMap((details, index) => (details.open ? [index] : [])));
      main.replaceChildren(...next.childNodes);
      main.querySelectorAll('details').forEach((details, index) => (details.open = open.has(index)));
    }
  } catch {
    // The server is away: the next look tells.
  }
  schedule();
}

function schedule() {
  clearTimeout(timer);
  const seconds = Number(main.dataset.refreshSeconds);
  if (seconds > 0) timer = setTimeout(() => (document.hidden ? schedule() : refresh()), seconds * 1000);
}

main.addEventListener('click', async (event) => {
  const button = event.target.closest('button[data-post]');
  if (button === null || (button.dataset.ask && !confirm(button.dataset.ask))) return;
  button.disabled = true;
  try {
    const response = await fetch(button.dataset.post, { method: 'POST' });
    if (response.ok) return await refresh();
    const problem = await response.json();
    main.querySelector('.message').textContent = `${problem.title}: ${problem.detail}`;
  } catch {
    main.querySelector('.message').textContent = 'The server does not answer. Try again in a moment.';
  }
  button.disabled = false;
});

schedule();
