// Renews the page's main part while a job changes, and sends what its buttons say.
const MESSAGE_MS = 15_000;

/** Between two looks while the server tells what happens: what ticks by itself, such as a machine's time, is renewed. */
const TICK_SECONDS = 20;
/** News that come at once are looked at once. */
const GATHER_MS = 200;

const main = document.querySelector('main');
let timer;
let events = null;
let hasNews = false;
let isRefreshing = false;
let message = { text: '', untilMs: 0 };

/** Takes the page's newest main part from the server; a viewer that is open is never reloaded. */
async function refresh() {
  hasNews = false;
  isRefreshing = true;
  try {
    const response = await fetch(location.href, { headers: { accept: 'text/html' } });
    if (response.ok) {
      const fresh = new DOMParser().parseFromString(await response.text(), 'text/html');
      const next = fresh.querySelector('main');
      await released();
      document.title = fresh.title;
      Object.assign(main.dataset, next.dataset);
      const open = new Set(
        [...main.querySelectorAll('details')].flatMap((details, index) => (details.open ? [index] : [])),
      );
      main.replaceChildren(...next.childNodes);
      main.querySelectorAll('details').forEach((details, index) => (details.open = open.has(index)));
      showMessage();
    }
  } catch {
    // The server is away: the next look tells.
  }
  isRefreshing = false;
  schedule();
}

/** A button that goes away between press and release would not be clicked: the page is renewed after that. */
async function released() {
  while (main.matches(':active')) await new Promise((resolve) => setTimeout(resolve, 50));
}

/** Looks again later: when the server tells of news, and where it does not, after the page's time. */
function schedule() {
  clearTimeout(timer);
  if (!changes() || document.hidden) return stopListening();
  listen();
  const isTold = events?.readyState === EventSource.OPEN;
  const seconds = isTold ? TICK_SECONDS : Number(main.dataset.refreshSeconds);
  timer = setTimeout(refresh, hasNews ? GATHER_MS : seconds * 1000);
}

const changes = () => Number(main.dataset.refreshSeconds) > 0;

function listen() {
  const { events: address } = main.dataset;
  if (!address || (events !== null && events.readyState !== EventSource.CLOSED)) return;
  events = new EventSource(address);
  events.onmessage = () => {
    hasNews = true;
    if (!isRefreshing) schedule();
  };
}

/** A browser has six connections to a server: a page that nobody sees gives its own back. */
function stopListening() {
  events?.close();
  events = null;
}

document.addEventListener('visibilitychange', () => (document.hidden || !changes() ? schedule() : refresh()));

function say(text) {
  message = { text, untilMs: Date.now() + MESSAGE_MS };
  showMessage();
}

/** What was said last stays for a while, also when the page is renewed. */
function showMessage() {
  const place = main.querySelector('.message');
  if (place !== null) place.textContent = Date.now() < message.untilMs ? message.text : '';
}

/** Asks a question, and for values; resolves with them, or with null when the person goes back. */
function ask(question, fields, label) {
  const dialog = document.createElement('dialog');
  const form = dialog.appendChild(document.createElement('form'));
  form.append(element('p', { textContent: question }));
  for (const { label: text, ...settings } of fields) {
    const input = element('input', settings);
    if (settings.type === 'number') input.step = 'any';
    form.append(element('label', {}, [element('span', { textContent: text }), input]));
  }
  const back = element('button', { type: 'button', textContent: 'Back' });
  form.append(
    element('p', { className: 'actions' }, [element('button', { textContent: label, className: 'main' }), ' ', back]),
  );
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    const end = (values) => {
      dialog.remove();
      resolve(values);
    };
    back.addEventListener('click', () => end(null));
    dialog.addEventListener('cancel', () => end(null)); // Escape
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const inputs = [...form.querySelectorAll('input')].filter((input) => input.value.trim() !== '');
      end(
        Object.fromEntries(
          inputs.map((input) => [input.name, input.type === 'number' ? input.valueAsNumber : input.value]),
        ),
      );
    });
  });
}

function element(name, properties, children = []) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

main.addEventListener('click', async (event) => {
  const button = event.target.closest('button[data-post]');
  if (button === null) return;
  const { post, body, ask: question, fields = '[]' } = button.dataset;
  const values = question === undefined ? {} : await ask(question, JSON.parse(fields), button.textContent);
  if (values === null) return;
  button.disabled = true;
  try {
    const sent = JSON.stringify({ ...JSON.parse(body), ...values });
    const response = await fetch(post, { method: 'POST', headers: { 'content-type': 'application/json' }, body: sent });
    const answer = await response.json();
    if (response.ok) {
      say(answer.note ?? '');
      return await refresh();
    }
    say(
      [
        `${answer.title}: ${answer.detail}`,
        ...(answer.errors ?? []).map(({ field, message: why }) => `${field} ${why}`),
      ].join('; '),
    );
  } catch {
    say('The server does not answer. Try again in a moment.');
  }
  button.disabled = false;
});

schedule();
