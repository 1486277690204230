import type { AugmentedRequest, RateLimitExceededEventHandler } from 'express-rate-limit';
import { Problem } from '../http/problem';

/**
 * What happens where a limit is over: 429 with `detail`, and `Retry-After`, which express-rate-limit sends by itself only
 * with the headers that tell what is left.
 */
export const tooMany =
  (detail: string): RateLimitExceededEventHandler =>
  (request, response, next, { windowMs }) => {
    const { resetTime } = (request as AugmentedRequest).rateLimit ?? {};
    const waitMs = resetTime === undefined ? windowMs : resetTime.getTime() - Date.now();
    if (response.get('Retry-After') === undefined)
      response.set('Retry-After', String(Math.max(1, Math.ceil(waitMs / 1000))));
    next(new Problem('RATE_LIMITED', detail));
  };
