/** Files of scenes that are asked for while there is nothing yet to draw them with: it is loaded in the same time. */
const begun = new Map<string, Promise<Response>>();

const ask = (url: string, signal: AbortSignal): Promise<Response> => fetch(url, { credentials: 'same-origin', signal });

/** Asks for a file now; `answerOf` takes the answer. */
export function askEarly(url: string, signal: AbortSignal): void {
  const asked = ask(url, signal);
  asked.catch(() => begun.delete(url)); // whoever takes it asks again, and tells the failure
  begun.set(url, asked);
}

/** The answer to whoever asked early, once; else to asking now. */
export function answerOf(url: string, signal: AbortSignal): Promise<Response> {
  const early = begun.get(url);
  begun.delete(url);
  return early ?? ask(url, signal);
}
