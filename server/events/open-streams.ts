import { Problem } from '../http/problem';
import type { Streaming } from './streaming';

/** The streams that are open, so that they can be counted, and ended when the server stops. */
export class OpenStreams {
  private readonly open = new Map<string, Set<() => void>>();
  private isClosed = false;

  constructor(private readonly limits: Pick<Streaming, 'perTenant' | 'all'>) {}

  /**
   * Takes a place for a stream of this tenant. Throws TOO_MANY_STREAMS where the tenant has no more, OVERLOADED where
   * the server has none, or stops.
   */
  enter(tenant: string): StreamPlace {
    const { perTenant, all } = this.limits;
    const own = this.open.get(tenant) ?? new Set();
    if (own.size >= perTenant)
      throw new Problem(
        'TOO_MANY_STREAMS',
        `${perTenant} streams are open already; close some, or poll GET /v1/jobs/<id> with If-None-Match`,
      );
    if (this.isClosed || this.count >= all)
      throw new Problem('OVERLOADED', 'the server takes no more streams now; try again in a moment');
    let end: () => void = () => undefined;
    const entry = (): void => end();
    own.add(entry);
    this.open.set(tenant, own);
    return {
      endsWith: (how) => (end = how),
      leave: () => {
        own.delete(entry);
        if (own.size === 0 && this.open.get(tenant) === own) this.open.delete(tenant);
      },
    };
  }

  get count(): number {
    return [...this.open.values()].reduce((sum, streams) => sum + streams.size, 0);
  }

  /** Ends all streams, and takes no new ones. */
  close(): void {
    this.isClosed = true;
    for (const streams of [...this.open.values()]) for (const end of [...streams]) end();
  }
}

export interface StreamPlace {
  /** How the stream is ended from here. */
  endsWith(end: () => void): void;
  leave(): void;
}
