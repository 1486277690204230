import type { Argv } from 'yargs';
import type { components } from '../../contracts/generated/api';
import { formatTime } from '../../contracts/job/formats';
import { inOneLine } from '../../contracts/job/words';
import { JOB_EVENTS } from '../../contracts/messages/notifications';
import type { Said, Take } from '../command';
import { answered } from '../server/spaceport-api';
import { namesOf } from '../syntax/options';
import { columns } from '../text/columns';
import { asked, asks, count, given, positional, text } from '../syntax/request';

type Endpoint = components['schemas']['WebhookEndpoint'];
type EndpointWithSecret = components['schemas']['WebhookEndpointWithSecret'];
type Delivery = components['schemas']['WebhookDelivery'];

const EVENTS = { ...text, describe: `${JOB_EVENTS.join(',')}; all without` } as const;
const eventsOf = namesOf('--events', JOB_EVENTS);

const ofAnEndpoint = <T>(command: Argv<T>) =>
  asked(command).positional('id', { ...positional, describe: 'Id of the endpoint' });
const endpoint = (endpointId: string) => ({ params: { path: { endpointId } } });

/** Endpoints of the tenant, and what was delivered to them. */
export const webhookCommands = (program: Argv, take: Take): Argv =>
  program.command('webhooks', 'Addresses that are told of all jobs, and what was delivered to them', (webhooks) =>
    deliveryCommands(endpointCommands(webhooks, take), take),
  );

const endpointCommands = (webhooks: Argv, take: Take): Argv =>
  webhooks
    .command(
      ['list', '$0'],
      'The endpoints',
      asked,
      asks(take, async (_given, routes) => {
        const { endpoints: answer } = await answered(routes.GET('/v1/webhooks'));
        return { answer, words: answer.length === 0 ? 'No webhook endpoints yet.' : endpointList(answer) };
      }),
    )
    .command(
      'create <url>',
      'Make an endpoint, whose secret is shown once',
      (create) => asked(create).positional('url', positional).option('events', EVENTS).coerce('events', eventsOf),
      asks(take, async ({ url, events }, routes) =>
        withSecret(await answered(routes.POST('/v1/webhooks', { body: { url, ...given({ events }) } }))),
      ),
    )
    .command(
      'change <id>',
      'Change address or events of an endpoint, disable or enable it',
      (change) =>
        ofAnEndpoint(change)
          .option('url', text)
          .option('events', EVENTS)
          .coerce('events', eventsOf)
          .option('enabled', { type: 'boolean', describe: '--enabled or --no-enabled' }),
      asks(take, async ({ id, url, events, enabled }, routes) => {
        const body = given({ url, events, enabled });
        return one(await answered(routes.PATCH('/v1/webhooks/{endpointId}', { ...endpoint(id), body })));
      }),
    )
    .command(
      'rotate <id>',
      'Give an endpoint a new secret, which is shown once',
      (rotate) =>
        ofAnEndpoint(rotate).option('old-secret-seconds', {
          ...count,
          describe: 'How long the old one signs too: 24 hours without; 0 where it has leaked',
        }),
      asks(take, async ({ id, oldSecretSeconds }, routes) => {
        const body = given({ oldSecretSeconds });
        return withSecret(
          await answered(routes.POST('/v1/webhooks/{endpointId}/rotate-secret', { ...endpoint(id), body })),
        );
      }),
    )
    .command(
      'delete <id>',
      'Delete an endpoint with the list of its deliveries',
      ofAnEndpoint,
      asks(take, async ({ id }, routes) => {
        await answered(routes.DELETE('/v1/webhooks/{endpointId}', { ...endpoint(id), body: {} }));
        return { answer: { endpointId: id, deleted: true }, words: `Endpoint ${id} is gone.` };
      }),
    );

const deliveryCommands = (webhooks: Argv, take: Take): Argv =>
  webhooks
    .command(
      'test <id>',
      'Send a test event',
      ofAnEndpoint,
      asks(take, async ({ id }, routes) =>
        onItsWay(await answered(routes.POST('/v1/webhooks/{endpointId}/test', { ...endpoint(id), body: {} }))),
      ),
    )
    .command(
      'deliveries <id>',
      'The newest deliveries of the last 30 days',
      (deliveries) => ofAnEndpoint(deliveries).option('limit', { ...count, describe: 'Up to 100; 20 without' }),
      asks(take, async ({ id: endpointId, limit }, routes) => {
        const params = { path: { endpointId }, query: given({ limit }) };
        const { deliveries: answer } = await answered(routes.GET('/v1/webhooks/{endpointId}/deliveries', { params }));
        return { answer, words: answer.length === 0 ? 'Nothing was delivered yet.' : deliveryList(answer) };
      }),
    )
    .command(
      'redeliver <id> <delivery>',
      'Send an event once more, now',
      (redeliver) => ofAnEndpoint(redeliver).positional('delivery', { ...positional, describe: 'Id of the delivery' }),
      asks(take, async ({ id: endpointId, delivery: deliveryId }, routes) => {
        const path = '/v1/webhooks/{endpointId}/deliveries/{deliveryId}/redeliver';
        return onItsWay(await answered(routes.POST(path, { params: { path: { endpointId, deliveryId } }, body: {} })));
      }),
    );

const one = (answer: Endpoint): Said => ({ answer, words: endpointList([answer]) });

const withSecret = (answer: EndpointWithSecret): Said => ({
  answer,
  words: `${answer.secret}\nThe secret of endpoint ${answer.endpointId} is shown this once: it checks signatures.`,
});

const onItsWay = (answer: Delivery): Said => ({
  answer,
  words: `Delivery ${answer.deliveryId} is on its way; spaceport webhooks deliveries tells how it went.`,
});

const endpointList = (endpoints: readonly Endpoint[]): string =>
  columns([
    ['ID', 'STATE', 'EVENTS', 'MADE', 'ADDRESS', 'WHY'],
    ...endpoints.map(({ endpointId, enabled, disabled, failingSince, events, createdAt, url }) => [
      endpointId,
      !enabled ? 'disabled' : failingSince === null ? 'enabled' : 'failing',
      events.length === JOB_EVENTS.length ? 'all' : events.join(' '),
      formatTime(createdAt),
      inOneLine(url),
      inOneLine(
        disabled?.reason ?? (failingSince === null ? '' : `nothing was taken since ${formatTime(failingSince)}`),
      ),
    ]),
  ]);

const deliveryList = (deliveries: readonly Delivery[]): string =>
  columns([
    ['ID', 'EVENT', 'JOB', 'STATUS', 'TRIES', 'MADE', 'LAST ANSWER'],
    ...deliveries.map(({ deliveryId, event, jobId, status, attempts, createdAt }) => [
      deliveryId,
      event,
      jobId ?? '-',
      status,
      String(attempts.length),
      formatTime(createdAt),
      inOneLine(attempts.at(-1)?.detail ?? ''),
    ]),
  ]);
