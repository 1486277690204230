import type { Argv } from 'yargs';
import { SHARE_DETAILS, SHARE_SCOPES } from '../../contracts/access/scopes';
import type { components } from '../../contracts/generated/api';
import { formatTime } from '../../contracts/job/formats';
import type { Take } from '../command';
import { answered } from '../server/spaceport-api';
import { namesOf } from '../syntax/options';
import { columns } from '../text/columns';
import { asked, asks, given, positional, text, time } from '../syntax/request';

type Share = components['schemas']['Share'];

const ofAJob = <T>(command: Argv<T>) => asked(command).positional('job', { ...positional, describe: 'Id of the job' });

/** Links to a job for people without a key. */
export const shareCommands = (program: Argv, take: Take): Argv =>
  program.command('shares', 'Links to a job for people without a key: list, create, revoke', (shares) =>
    shares
      .command(
        'list <job>',
        'The links to a job, expired and revoked ones too',
        ofAJob,
        asks(take, async ({ job: jobId }, routes) => {
          const params = { path: { jobId } };
          const { shares: answer } = await answered(routes.GET('/v1/jobs/{jobId}/shares', { params }));
          return { answer, words: answer.length === 0 ? 'No links yet.' : shareList(answer) };
        }),
      )
      .command(
        'create <job>',
        'Make a link, which is shown once',
        (create) =>
          ofAJob(create)
            .option('scopes', { ...text, describe: `${SHARE_SCOPES.join(',')}; view without` })
            .option('shows', { ...text, describe: `What the link does not hide: ${SHARE_DETAILS.join(',')}` })
            .option('expires', time)
            .coerce('scopes', namesOf('--scopes', SHARE_SCOPES))
            .coerce('shows', namesOf('--shows', SHARE_DETAILS)),
        asks(take, async ({ job: jobId, scopes, shows, expires }, routes) => {
          const request = { params: { path: { jobId } }, body: given({ scopes, shows, expiresAt: expires }) };
          const answer = await answered(routes.POST('/v1/jobs/{jobId}/shares', request));
          return { answer, words: `${answer.url}\nLink ${answer.shareId} is shown this once.` };
        }),
      )
      .command(
        'revoke <job> <id>',
        'End a link',
        (revoke) => ofAJob(revoke).positional('id', { ...positional, describe: 'Id of the link' }),
        asks(take, async ({ job: jobId, id: shareId }, routes) => {
          const params = { path: { jobId, shareId } };
          const answer = await answered(routes.DELETE('/v1/jobs/{jobId}/shares/{shareId}', { params, body: {} }));
          return { answer, words: `Link ${answer.shareId} is revoked.` };
        }),
      ),
  );

const shareList = (shares: readonly Share[]): string =>
  columns([
    ['ID', 'MAY', 'SHOWS', 'MADE', 'STATE'],
    ...shares.map(({ shareId, scopes, shows, createdAt, expiresAt, revokedAt }) => [
      shareId,
      scopes.join(' '),
      shows.join(' ') || '-',
      formatTime(createdAt),
      revokedAt !== null
        ? `revoked ${formatTime(revokedAt)}`
        : expiresAt === null
          ? 'valid'
          : `until ${formatTime(expiresAt)}`,
    ]),
  ]);
