import type { paths } from '../../contracts/generated/api';
import { inOneLine } from '../../contracts/job/words';
import type { LogEvent, LogLineView } from '../../contracts/messages/log-view-schema';
import type { LogsCommand } from '../command';
import { answered, serverSentEvents, type SpaceportApi } from '../server/spaceport-api';

type LogQuery = NonNullable<paths['/v1/jobs/{jobId}/logs']['get']['parameters']['query']>;

/** Prints what a program of a job has printed, from the beginning; with `follow` goes on until it ends. */
export async function logs(
  { jobId, stage, attempt, follow, json }: LogsCommand,
  { routes }: SpaceportApi,
  print: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const show = (line: LogLineView): void => print(json ? JSON.stringify(line) : `${line.at}  ${inOneLine(line.text)}`);
  const path = { jobId };
  const which = { ...(stage !== null && { stage }), ...(attempt !== null && { attempt }) };
  let place = '';
  for (;;) {
    const query: LogQuery = { ...which, ...(place !== '' && { after: place }) };
    const page = await answered(routes.GET('/v1/jobs/{jobId}/logs', { params: { path, query }, signal }));
    page.lines.forEach(show);
    if (page.next === null) return;
    // The same place again, or nothing: there is no more for now.
    const isAll = page.lines.length === 0 || page.next === place;
    place = page.next;
    if (isAll) break;
  }
  if (!follow) return;
  // The newest line that was shown is where the stream goes on; it is opened anew until the log has ended.
  while (!signal.aborted) {
    const query = { ...which, ...(place !== '' && { after: place }) };
    const { response } = await routes.GET('/v1/jobs/{jobId}/logs/stream', {
      params: { path, query },
      signal,
      parseAs: 'stream',
    });
    for await (const { type, id, data } of serverSentEvents(response)) {
      if (type === 'end') return;
      const event = JSON.parse(data) as LogEvent;
      if (event.isGap === true) print('... lines between are left out: logs without --follow has them ...');
      event.lines.forEach(show);
      place = id ?? place;
    }
  }
  signal.throwIfAborted();
}
