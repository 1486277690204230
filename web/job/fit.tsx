import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { JobView } from '../../contracts/job/view';
import { fitWords, unfittedWords } from '../../contracts/photos/fit';
import { job as words } from '../i18n/en/job';
import { jobPage } from '../ui/address';
import { count } from '../ui/format';

/** Photos that are listed at once; more are folded away. */
const MAX_OPEN = 12;

/** Which photos fitted together, which did not, and why: of a finished scene and of a result that was rejected. */
export function Fit({ job }: { readonly job: JobView }): ReactNode {
  const { fit, failure, jobId, result } = job;
  if (fit === null) return null;
  const { unfitted, unfittedCount, advice, leftOut = [], leftOutCount = 0 } = fit;
  if (unfittedCount === 0 && leftOutCount === 0) return null;
  const more = unfittedCount - unfitted.length;
  return (
    <section className="card">
      <h2>{words.fit.title}</h2>
      <p>{fitWords(fit)}</p>
      {failure === null && advice !== null && <p>{words.fit.better(advice)}</p>}
      {unfittedCount > 0 && (
        <details open={unfittedCount <= MAX_OPEN}>
          <summary>{unfittedCount === 1 ? words.fit.one : words.fit.some(count(unfittedCount))}</summary>
          <ul className="unfitted">
            {unfitted.map(({ thumbnailUrl, ...photo }) => (
              <li key={photo.name}>
                {thumbnailUrl !== null && (
                  <img src={`${thumbnailUrl}?inline`} alt="" loading="lazy" width="128" height="96" />
                )}
                <span>
                  <code>{photo.name}</code>
                  <br />
                  {unfittedWords(photo)}
                </span>
              </li>
            ))}
          </ul>
          {more > 0 && <p>{words.andMore(count(more))}</p>}
        </details>
      )}
      {leftOutCount > 0 && (
        <details>
          <summary>{words.fit.notUsed(count(leftOutCount))}</summary>
          <ul>
            {leftOut.map(({ name, reason }) => (
              <li key={name}>
                <code>{name}</code>: {reason}
              </li>
            ))}
          </ul>
          {leftOutCount > leftOut.length && <p>{words.andMore(count(leftOutCount - leftOut.length))}</p>}
        </details>
      )}
      {result !== null && (
        <p>
          <Link href={jobPage(jobId, 'photos')}>{words.fit.all}</Link>
        </p>
      )}
    </section>
  );
}
