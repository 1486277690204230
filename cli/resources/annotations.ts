import type { Argv } from 'yargs';
import type { components } from '../../contracts/generated/api';
import { formatTime } from '../../contracts/job/formats';
import { inOneLine } from '../../contracts/job/words';
import type { Take } from '../command';
import { answered } from '../server/spaceport-api';
import { asked, asks, positional } from '../syntax/request';
import { columns } from '../text/columns';

type Annotation = components['schemas']['Annotation'];

/** Notes and measurements of a scene; its page makes them. */
export const annotationCommands = (program: Argv, take: Take): Argv =>
  program.command(
    'annotations <job>',
    'The notes and measurements in the scene of a job',
    (annotations) => asked(annotations).positional('job', { ...positional, describe: 'Id of the job' }),
    asks(take, async ({ job: jobId }, routes) => {
      const request = { params: { path: { jobId } } };
      const { annotations: answer } = await answered(routes.GET('/v1/jobs/{jobId}/annotations', request));
      return { answer, words: answer.length === 0 ? 'No notes or measurements yet.' : annotationList(answer) };
    }),
  );

const annotationList = (annotations: readonly Annotation[]): string =>
  columns([
    ['ID', 'KIND', 'VALUE', 'POINTS', 'MADE', 'TEXT'],
    ...annotations.map(({ annotationId, kind, value, vertices, createdAt, text }) => [
      annotationId,
      kind,
      value === null ? '-' : measured(value),
      String(vertices.length),
      formatTime(createdAt),
      inOneLine(text),
    ]),
  ]);

const measured = ({ amount, sigma, unit }: NonNullable<Annotation['value']>): string =>
  `${rounded(amount)}${sigma === null ? '' : ` ± ${rounded(sigma)}`} ${unit}`;

/** To a millimetre, where it is metres. */
const rounded = (value: number): string => String(Number(value.toFixed(3)));
