/** What set-up tells a person, on stderr: stdout belongs to the command that follows. */

const LIVE_EVERY_MS = 200;
const PLAIN_EVERY_MS = 15_000;
const CLEAR = '\r\x1b[K';

/** What is under way, each as a text of this moment. */
const shown = new Set();

/** On a terminal, the line of progress makes way and comes back with its next change. */
export const say = (line) => process.stderr.write(`${process.stderr.isTTY && shown.size > 0 ? CLEAR : ''}${line}\n`);
export const seconds = (sinceMs) => `${((Date.now() - sinceMs) / 1000).toFixed(1)} s`;

/**
 * Shows the progress of a step: on a terminal in one line, rewritten in place, with all that are under way; else in a
 * new line every 15 seconds. `update(detail)` may be called at any rate; `end()` takes the step out.
 */
export function liveLine(title) {
  const startedMs = Date.now();
  const terminal = process.stderr.isTTY;
  let detail = '';
  const text = () => `${title}: ${seconds(startedMs)}${detail ? `, ${detail}` : ''}`;
  const rewrite = () => {
    const line = `  ${[...shown].map((other) => other()).join(' · ')}`;
    process.stderr.write(`${CLEAR}${line.slice(0, (process.stderr.columns || 80) - 1)}`);
  };
  shown.add(text);
  const timer = terminal ? setInterval(rewrite, LIVE_EVERY_MS) : setInterval(() => say(`  ${text()}`), PLAIN_EVERY_MS);
  return {
    update(next) {
      detail = next;
    },
    end() {
      clearInterval(timer);
      shown.delete(text);
      if (terminal) process.stderr.write(CLEAR);
    },
  };
}
