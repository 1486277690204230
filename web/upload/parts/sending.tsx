import { Pause, Play, WifiOff } from 'lucide-react';
import { useEffect, useRef, type ReactNode } from 'react';
import { Link } from 'wouter';
import { upload as words } from '../../i18n/en/upload';
import { ApiProblem, problemWords } from '../../api/problem';
import { bytes, duration } from '../../ui/format';
import { useOnline } from '../guards';
import type { Phase, Progress } from '../session';
import { TransferFailure } from '../sending/transfer-failure';

/** How far the upload is, with a pause. */
export function Sending({
  phase,
  progress,
  isAwake,
  onPause,
  onResume,
}: {
  readonly phase: Extract<Phase, { name: 'sending' }> | { readonly name: 'starting' };
  readonly progress: Progress | null;
  readonly isAwake: boolean;
  onPause(): void;
  onResume(): void;
}): ReactNode {
  const text = words.send;
  const isOnline = useOnline();
  const heading = useRef<HTMLHeadingElement>(null);
  // The button that began it is gone, and on a phone it was far below.
  useEffect(() => {
    window.scrollTo(0, 0);
    heading.current?.focus({ preventScroll: true });
  }, []);
  const isSending = phase.name === 'sending';
  return (
    <section className="card sending" aria-labelledby="sending-heading" data-phase={phase.name}>
      <h2 id="sending-heading" role="status" tabIndex={-1} ref={heading}>
        {!isSending ? text.starting : phase.paused ? text.paused : text.sending}
      </h2>
      {isSending && (phase.isAway || !isOnline) && !phase.paused && (
        <p className="away" role="status">
          <WifiOff aria-hidden size={20} /> {text.away}
        </p>
      )}
      {progress !== null && (
        <>
          <progress aria-label={text.progressLabel} max={progress.allBytes} value={progress.bytes} />
          <p className="amounts">
            <span>{text.bytes(bytes(progress.bytes), bytes(progress.allBytes))}</span>
            <span>{text.files(progress.files, progress.allFiles)}</span>
            {progress.bytesPerSecond !== null && <span>{text.speed(bytes(progress.bytesPerSecond))}</span>}
            {progress.secondsLeft !== null && <span>{text.left(duration(progress.secondsLeft))}</span>}
          </p>
        </>
      )}
      {isSending && (
        <>
          <button type="button" onClick={phase.paused ? onResume : onPause}>
            {phase.paused ? <Play aria-hidden size={18} /> : <Pause aria-hidden size={18} />}
            {phase.paused ? text.resume : text.pause}
          </button>
          <p className="hint">
            {text.keepOpen} {isAwake ? text.awake : ''}
          </p>
        </>
      )}
    </section>
  );
}

/** Why it did not go on, and what a person can do. */
export function Failed({ error }: { readonly error: unknown }): ReactNode {
  const text = words.failed;
  return (
    <section className="card failed" role="alert">
      <h2>{text.heading}</h2>
      <p>{failureWords(error)}</p>
      {isProblem(error, 'IDEMPOTENCY_KEY_REUSED') && <Link href="/">{text.jobs}</Link>}
      {error instanceof ApiProblem && error.status === 401 && (
        <a href="/sign-in" target="_blank" rel="noopener">
          {text.signInLink}
        </a>
      )}
    </section>
  );
}

const isProblem = (error: unknown, code: string): boolean => error instanceof ApiProblem && error.code === code;

function failureWords(error: unknown): string {
  const text = words.failed;
  if (error instanceof TransferFailure)
    return error.why === 'file is gone' ? text.gone(error.file) : text.refused(error.file);
  if (isProblem(error, 'UPLOAD_INCOMPLETE')) return text.incomplete;
  if (isProblem(error, 'IDEMPOTENCY_KEY_REUSED')) return text.started;
  if (error instanceof ApiProblem) return error.status === 401 ? text.signIn : problemWords(error);
  return text.unread;
}
