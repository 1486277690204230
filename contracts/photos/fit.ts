import { isRecord } from '../messages/parsed';
import { acceptedAttempt, type JobRecord, type PhotoFit } from '../job/record';
import { formatCount } from '../job/formats';
import { inOneLine } from '../job/words';

/** Photos that a record names; the report of the attempt has them all. */
const MAX_NAMED = 200;
/** Parts beyond these are chance finds. */
const MAX_PARTS = 20;
const MAX_NAME_LENGTH = 300;

type Unfitted = PhotoFit['unfitted'][number];

/**
 * Which photos fitted together and which did not, of the metrics of SfM, also of a rejected result and of earlier
 * images, whose reports may lack any of it. Null where they do not say how many.
 */
export function photoFit(metrics: object): PhotoFit | null {
  const { photos, registered, models, unregistered, leftOut } = metrics as Readonly<Record<string, unknown>>;
  if (!isCount(photos) || !isCount(registered)) return null;
  const all = Array.isArray(unregistered) ? unregistered.filter(isRecord) : [];
  const others = Array.isArray(leftOut) ? leftOut.filter(isRecord) : [];
  const parts = Array.isArray(models) ? models.filter(isRecord).map(({ registered: size }) => size) : [];
  return {
    photos,
    registered,
    parts: parts.filter(isCount).slice(0, MAX_PARTS),
    unfitted: all.slice(0, MAX_NAMED).map(({ name, reason, features, partners, thumbnail }) => ({
      name: text(name),
      reason: text(reason),
      features: isCount(features) ? features : null,
      partners: isCount(partners) ? partners : null,
      thumbnail: typeof thumbnail === 'string' ? thumbnail : null,
    })),
    unfittedCount: all.length,
    ...(others.length > 0 && {
      leftOut: others.slice(0, MAX_NAMED).map(({ name, reason }) => ({ name: text(name), reason: text(reason) })),
      leftOutCount: others.length,
    }),
  };
}

const isCount = (value: unknown): value is number => typeof value === 'number' && Number.isInteger(value) && value >= 0;
const text = (value: unknown): string => (typeof value === 'string' ? value.slice(0, MAX_NAME_LENGTH) : '');

/** The attempt of SfM that a job's pages tell of, and which photos fitted in it. */
export interface FittedAttempt {
  readonly attempt: number;
  readonly jobName: string;
  readonly fit: PhotoFit;
  /** What to do about photos that did not fit; null where the result was accepted, or nothing is known to help. */
  readonly advice: string | null;
}

/**
 * The accepted attempt, else the newest one if a gate or a person has not accepted it. Null while that is not known:
 * before SfM has ended, in records of earlier versions, and as soon as another attempt has begun.
 */
export function fittedAttempt(record: Pick<JobRecord, 'accepted' | 'attempts' | 'gates'>): FittedAttempt | null {
  const accepted = acceptedAttempt(record, 'sfm');
  if (accepted !== undefined) {
    const fit = photoFit(accepted.metrics);
    return fit && { attempt: accepted.attempt, jobName: accepted.jobName, fit, advice: null };
  }
  const newest = record.attempts.findLast(({ stage, part }) => stage === 'sfm' && part === null);
  const gate = record.gates.findLast(
    ({ stage, part, attempt }) => stage === 'sfm' && part === null && attempt === newest?.attempt,
  );
  if (newest === undefined || !gate?.fit) return null;
  const { fit, failure: why } = gate;
  return { attempt: newest.attempt, jobName: newest.jobName, fit, advice: why?.advice ?? null };
}

/** `12 of 18 photos fitted together.`, and into which parts the others fell, if into any. */
export function fitWords({ photos, registered, parts }: Pick<PhotoFit, 'photos' | 'registered' | 'parts'>): string {
  const whole = `${formatCount(registered)} of ${formatCount(photos)} photos fitted together.`;
  const others = parts.slice(1).map((size) => `${formatCount(size)} photos`);
  if (others.length === 0) return whole;
  return others.length === 1
    ? `${whole} Another part, which nothing connects with them, has ${others[0]}.`
    : `${whole} Other parts, which nothing connects with them, have ${others.join(', ')}.`;
}

/** Why a photo did not fit, with what was counted, in one line. */
export function unfittedWords({
  reason,
  features,
  partners,
}: Pick<Unfitted, 'reason' | 'features' | 'partners'>): string {
  const numbers = [
    features !== null && `${formatCount(features)} features`,
    partners !== null && `matches ${formatCount(partners)} ${partners === 1 ? 'photo' : 'photos'}`,
  ].filter(Boolean);
  return inOneLine(`${reason}${numbers.length === 0 ? '' : ` (${numbers.join(', ')})`}`);
}
