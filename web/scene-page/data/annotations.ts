import type { AnnotationView } from '../../../contracts/scene/annotation-schema';
import { NoAnswer, problemOf } from '../../api/problem';
import type { AnnotationClient } from '../../measure/sync';

/**
 * Annotations below an address: of a job, or of a shared link, which differ in nothing else.
 * @param base such as `/v1/jobs/ID`
 */
export function annotationsAt(base: string): AnnotationClient {
  const ask = async (method: string, path: string, body?: object, etag?: string): Promise<unknown> => {
    const response = await fetch(`${base}/annotations${path}`, {
      method,
      credentials: 'same-origin',
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(etag === undefined ? {} : { 'if-match': etag }),
      },
      body: body === undefined ? null : JSON.stringify(body),
    }).catch((cause: unknown) => {
      throw new NoAnswer({ cause });
    });
    const text = await response.text();
    const answered = text === '' ? null : parsed(text);
    if (!response.ok) throw problemOf(response.status, answered);
    return answered;
  };
  return {
    list: async () => ((await ask('GET', '')) as { annotations: readonly AnnotationView[] }).annotations,
    create: (draft) => ask('POST', '', draft) as Promise<AnnotationView>,
    replace: (id, draft, etag) => ask('PUT', `/${encodeURIComponent(id)}`, draft, etag) as Promise<AnnotationView>,
    remove: async (id, etag) => void (await ask('DELETE', `/${encodeURIComponent(id)}`, undefined, etag)),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
