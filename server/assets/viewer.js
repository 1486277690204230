// Says in the viewer's page why a scene does not appear: the viewer itself would show 0 % for ever.
const STANDS_STILL_MS = 30_000;
const LOOK_EVERY_MS = 1000;
const AGAIN = 'Reload the page to try again; the file can be downloaded below.';

const { contents } = window.sse.options;
const problem = Object.assign(document.createElement('p'), { className: 'scene-problem' });
problem.setAttribute('role', 'alert');
let isDrawn = false;

/** Shows a problem over the empty scene; the first one stays, since the others follow from it. */
function say(text) {
  if (isDrawn || problem.isConnected) return;
  problem.textContent = text;
  document.body.prepend(problem);
}

// The viewer calls this when it has drawn the scene: whatever was said is over then. It begins in an animation that it
// makes up and explains how to play that; its key for leaving one leads to the controls that suit the scene.
const drawn = window.firstFrame;
window.firstFrame = () => {
  isDrawn = true;
  problem.remove();
  window.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape' }));
  drawn?.();
};

contents?.then(
  ({ ok, status }) => {
    if (!ok) say(`The scene cannot be loaded: the storage answered ${status}. ${AGAIN}`);
  },
  () => say(`The scene cannot be loaded: the storage does not answer, or not to this page. ${AGAIN}`),
);
window.addEventListener('unhandledrejection', () => say(`The scene cannot be shown. ${AGAIN}`));
if (document.createElement('canvas').getContext('webgl2') === null)
  say('This browser cannot draw the scene: it has no WebGL 2, or it is switched off. Try another browser.');

// Also where loading neither fails nor comes further, as with a file that is damaged.
let shown = '';
let sinceMs = Date.now();
const timer = setInterval(() => {
  const now = document.querySelector('.sse-loadingText')?.textContent ?? '';
  if (now !== shown || document.hidden) {
    shown = now;
    sinceMs = Date.now();
  } else if (Date.now() - sinceMs > STANDS_STILL_MS) say(`Loading the scene stands still at ${shown}. ${AGAIN}`);
  if (isDrawn) clearInterval(timer);
}, LOOK_EVERY_MS);
