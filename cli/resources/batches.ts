import type { Argv } from 'yargs';
import type { components } from '../../contracts/generated/api';
import { failureTitle } from '../../contracts/job/failures';
import { formatTime, formatUsd } from '../../contracts/job/formats';
import { inOneLine, STATE_WORD } from '../../contracts/job/words';
import type { Said, Take } from '../command';
import { startBatch, startedBatch } from '../commands/batch';
import { answered, BY } from '../server/spaceport-api';
import { columns } from '../text/columns';
import { asked, asks, count, given, positional, text } from '../syntax/request';

type Batch = components['schemas']['Batch'];
type Entry = components['schemas']['BatchListEntry'];

const ofABatch = <T>(command: Argv<T>) =>
  asked(command).positional('id', { ...positional, describe: 'Id of the batch' });

/** Several photo sets that were started together. */
export const batchCommands = (program: Argv, take: Take): Argv =>
  program
    .command(
      'batch <file>',
      'Start several photo sets; the file is the JSON body of POST /v1/batches',
      (batch) => asked(batch).positional('file', positional),
      asks(take, async ({ file }, _routes, { api }) => {
        const answer = await startBatch(file, api);
        return { answer, words: startedBatch(answer) };
      }),
    )
    .command('batches', 'Batches: list, show, cancel, retry what failed', (batches) =>
      batches
        .command(
          ['list', '$0'],
          'The newest batches',
          (list) => asked(list).option('limit', { ...count, describe: 'Up to 100; 20 without' }),
          asks(take, async ({ limit }, routes) => {
            const params = { query: given({ limit }) };
            const { batches: answer } = await answered(routes.GET('/v1/batches', { params }));
            return { answer, words: answer.length === 0 ? 'No batches yet.' : batchList(answer) };
          }),
        )
        .command(
          'show <id>',
          'A batch and its jobs',
          ofABatch,
          asks(take, async ({ id: batchId }, routes) => {
            const answer = await answered(routes.GET('/v1/batches/{batchId}', { params: { path: { batchId } } }));
            return { answer, words: `${batchList([answer])}\n\n${memberList(answer)}` };
          }),
        )
        .command(
          'cancel <id>',
          'Cancel what has not ended',
          (cancel) => ofABatch(cancel).option('reason', { ...text, describe: 'For the records' }),
          asks(take, async ({ id: batchId, reason }, routes) => {
            const request = { params: { path: { batchId } }, body: { by: BY, ...given({ reason }) } };
            return told(await answered(routes.POST('/v1/batches/{batchId}/cancel', request)));
          }),
        )
        .command(
          'retry <id>',
          'Retry the jobs that failed or were cancelled',
          ofABatch,
          asks(take, async ({ id: batchId }, routes) => {
            const request = { params: { path: { batchId } }, body: {} };
            return told(await answered(routes.POST('/v1/batches/{batchId}/retry', request)));
          }),
        ),
    );

const told = (answer: components['schemas']['AcceptedBatchMessage']): Said => ({
  answer,
  words: `Batch ${answer.batchId} is ${answer.state}.`,
});

const batchList = (batches: readonly Entry[]): string =>
  columns([
    ['ID', 'NAME', 'STATE', 'JOBS', 'SUCCEEDED', 'FAILED', 'COST', 'MADE'],
    ...batches.map(({ batchId, name, state, jobs, counts, costUsd, createdAt }) => [
      batchId,
      inOneLine(name ?? '-'),
      state === 'ended' ? 'Ended' : STATE_WORD[state],
      String(jobs),
      String(counts.succeeded),
      String(counts.failed + counts.parked),
      formatUsd(costUsd),
      formatTime(createdAt),
    ]),
  ]);

const memberList = ({ members }: Batch): string =>
  columns([
    ['JOB', 'NAME', 'STATE', 'COST', 'WHY'],
    ...members.map(({ jobId, name, state, costUsd, failure }) => [
      jobId,
      inOneLine(name ?? '-'),
      state === 'pending' ? 'Not started' : STATE_WORD[state],
      formatUsd(costUsd),
      failure === null ? '' : failureTitle(failure.code),
    ]),
  ]);
