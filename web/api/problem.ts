import type { components } from '../../contracts/generated/api';

export type ProblemDocument = components['schemas']['Problem'];

/** The server has answered with a problem (RFC 9457). `message` is a sentence for people. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  constructor(
    /** Stable, as the API's description names it; `UNREADABLE` where the answer came from something in between. */
    readonly code: string,
    readonly status: number,
    readonly title: string,
    detail: string,
    /** What is wrong with which field. */
    readonly fields: readonly { readonly field: string; readonly message: string }[] = [],
    readonly requestId: string | null = null,
  ) {
    super(detail);
  }
}

/** The server could not be reached: the network, or the server itself, is away. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
  constructor(options?: ErrorOptions) {
    super('The server does not answer. Check your connection; it is tried again.', options);
  }
}

/** What an answer that is not the one that was asked for says, whatever sent it. */
export function problemOf(status: number, body: unknown): ApiProblem {
  const document = body as Partial<ProblemDocument> | null | undefined;
  if (typeof document?.code === 'string' && typeof document.detail === 'string') {
    const { code, title = '', detail, errors = [], requestId = null } = document;
    return new ApiProblem(code, status, title, asSentence(detail), errors, requestId);
  }
  return new ApiProblem(
    'UNREADABLE',
    status,
    'Unexpected answer',
    `Something between this page and the server answered with status ${String(status)}. Try again in a moment.`,
  );
}

/** What a problem says, for a place without room for a list of fields: where fields are wrong, what is wrong with them. */
export function problemWords(error: unknown): string {
  if (error instanceof ApiProblem) {
    const fields = error.fields.map(({ field, message }) => (field === '' ? message : `${field} ${message}`));
    return fields.length === 0 ? error.message : asSentence(fields.join('; '));
  }
  return error instanceof NoAnswer ? error.message : 'Something went wrong in this page. Load it again.';
}

const asSentence = (text: string): string =>
  text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? '' : '.');
