import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CallCounts } from '../../faults/call-counts';
import type { FaultPlanFile } from '../../faults/fault-plan-file';
import { noteFiredFault } from '../../faults/fired-faults';
import type { BodyFilter, Exchange } from '../protocol/exchange';
import { matchesRule, type S3Rule } from './fault-plan';
import { parameter } from '../protocol/request';
import { S3Error } from '../s3-error';
import type { OperationWrapper } from '../server';

/** Between two pieces of a body that arrives slowly. */
const PIECE_MS = 50;

/**
 * Lets the plan's faults befall operations, in the plan's order; a fault that ends the operation keeps it from the
 * rules behind, which do not count it. Firings are noted in `faults-fired.jsonl` below `root`.
 */
export function operationFaults(planFile: FaultPlanFile<S3Rule>, root: string): OperationWrapper {
  const counts = new CallCounts(path.join(root, 'fault-counts'));
  const firedFile = path.join(root, 'faults-fired.jsonl');

  return async (operation, exchange, proceed) => {
    const plan = await planFile.read();
    const key = faultKey(exchange);
    const length =
      operation === 'GetObject' && plan.rules.length > 0
        ? exchange.store.object(exchange.request.bucket, exchange.request.key).size
        : 0;
    for (const [index, rule] of plan.rules.entries()) {
      if (!matchesRule(rule, operation, key, length) || !(await counts.isDue(plan, index, rule))) continue;
      await befall(rule, exchange, () => noteFiredFault(firedFile, { kind: rule.kind, key, operation }));
    }
    await proceed();
  };
}

/** What a rule's `key` is compared with: a listing has no key, but a prefix. */
function faultKey({ request }: Exchange): string {
  return request.key === '' ? (parameter(request, 'prefix') ?? '') : request.key;
}

async function befall(rule: S3Rule, { response, bodyFilters }: Exchange, note: () => Promise<void>): Promise<void> {
  switch (rule.kind) {
    case 'slow-down':
      await note();
      throw new S3Error('SlowDown');
    case 'internal-error':
      await note();
      throw new S3Error('InternalError', 'The fault plan says so.');
    case 'storage-full':
      await note();
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    case 'truncated-body':
      bodyFilters.push(breakingOff(response, note));
      return;
    case 'slow-read':
      bodyFilters.push(arrivingSlowly(rule.seconds, response, note));
  }
}

/** Sends half of the body that was announced, then ends the connection. */
function breakingOff(response: ServerResponse, note: () => Promise<void>): BodyFilter {
  return async function* (body, length) {
    let left = Math.floor(length / 2);
    for await (const chunk of body) {
      yield chunk.subarray(0, left);
      left -= Math.min(left, chunk.length);
      if (left > 0) continue;
      await note();
      response.socket?.destroySoon(); // once what is written has left, so that the client has its headers
      if (!response.closed) await once(response, 'close');
      return;
    }
  };
}

/** Spreads the body evenly over `seconds`. */
function arrivingSlowly(seconds: number, response: ServerResponse, note: () => Promise<void>): BodyFilter {
  return async function* (body, length) {
    await note();
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const msPerByte = (seconds * 1000) / length;
    const pieceLength = Math.max(1, Math.ceil(PIECE_MS / msPerByte));
    const startedMs = Date.now();
    let sent = 0;
    for await (const chunk of body) {
      for (let start = 0; start < chunk.length; start += pieceLength) {
        const piece = chunk.subarray(start, start + pieceLength);
        yield piece;
        sent += piece.length;
        const aheadMs = startedMs + sent * msPerByte - Date.now();
        if (aheadMs > 0) await sleep(aheadMs, undefined, { signal: gone.signal }).catch(() => undefined);
      }
    }
  };
}
