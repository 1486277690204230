/** What set-up tells a person, on stderr: stdout belongs to the command that follows. */

const LIVE_EVERY_MS = 200;
const PLAIN_EVERY_MS = 15_000;

export const say = (line) => process.stderr.write(`${line}\n`);
export const seconds = (sinceMs) => `${((Date.now() - sinceMs) / 1000).toFixed(1)} s`;

/**
 * A line that shows the progress of a step: rewritten in place on a terminal, else a new line every 15 seconds.
 * `update(detail)` may be called at any rate; `end()` clears the terminal's line.
 */
export function liveLine(title) {
  const startedMs = Date.now();
  const terminal = process.stderr.isTTY;
  let detail = '';
  const show = () => {
    const text = `  ${title}: ${seconds(startedMs)}${detail ? `, ${detail}` : ''}`;
    if (terminal) process.stderr.write(`\r\x1b[K${text.slice(0, (process.stderr.columns || 80) - 1)}`);
    else say(text);
  };
  const timer = setInterval(show, terminal ? LIVE_EVERY_MS : PLAIN_EVERY_MS);
  return {
    update(next) {
      detail = next;
    },
    end() {
      clearInterval(timer);
      if (terminal) process.stderr.write('\r\x1b[K');
    },
  };
}
