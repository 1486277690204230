import { useEffect, useState } from 'react';
import type { LogEvent, LogLineView } from '../../contracts/messages/log-view-schema';

/** Lines that a page keeps; the download has all. */
export const MAX_LINES = 5000;

export interface ShownLog {
  readonly lines: readonly LogLineView[];
  /** Lines before the first that is shown are left out. */
  readonly isCut: boolean;
  readonly isOver: boolean;
  readonly hasFailed: boolean;
}

const NOTHING: ShownLog = { lines: [], isCut: false, isOver: false, hasFailed: false };

/** A log with lines that have come: the newest `MAX_LINES`. */
export function withLines(log: ShownLog, { lines, isGap }: LogEvent): ShownLog {
  const all = isGap === true ? lines : [...log.lines, ...lines];
  const isCut = log.isCut || isGap === true || all.length > MAX_LINES;
  return { ...log, isCut, hasFailed: false, lines: all.slice(-MAX_LINES) };
}

/** What the program at this address prints, as it does; listens until the component goes. */
export function useLog(address: string): ShownLog {
  const [log, setLog] = useState(NOTHING);
  useEffect(() => {
    setLog(NOTHING);
    const source = new EventSource(address);
    source.onmessage = ({ data }) => {
      const event = JSON.parse(String(data)) as LogEvent;
      setLog((before) => withLines(before, event));
    };
    source.addEventListener('end', () => {
      source.close();
      setLog((before) => ({ ...before, isOver: true }));
    });
    source.onerror = () => {
      if (source.readyState === EventSource.CLOSED) setLog((before) => ({ ...before, hasFailed: true }));
    };
    return () => source.close();
  }, [address]);
  return log;
}
