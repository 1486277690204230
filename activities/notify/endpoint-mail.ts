import { cancellationSignal } from '@temporalio/activity';
import { formatTime } from '../../contracts/job/formats';
import { disabledReason, type EndpointFailures } from '../../contracts/webhooks/failures';
import { composed, type MailMessage } from '../../platform/mail/message';
import type { EndpointFailureLog } from '../../platform/webhooks/endpoint-failure-log';
import type { RegisteredEndpoint, RegisteredEndpoints } from '../../platform/webhooks/registered-endpoints';
import { createMailer, type MailerDeps } from './mailer';

export interface EndpointMailDeps extends MailerDeps {
  readonly endpoints: Pick<RegisteredEndpoints, 'find' | 'alertEmail'>;
  readonly failures: Pick<EndpointFailureLog, 'find'>;
  readonly publicUrl: string;
}

export interface EndpointMailActivities {
  /**
   * Tells a tenant that an endpoint of it was disabled, at its `alertEmail`; returns what the mail server said, or why
   * nobody was told. Throws as a `Mailer` does.
   */
  tellOfDisabled(endpoint: { readonly tenant: string; readonly endpointId: string }): Promise<string>;
}

export function createEndpointMailActivities({
  endpoints,
  failures,
  publicUrl,
  ...mailer
}: EndpointMailDeps): EndpointMailActivities {
  const send = createMailer(mailer);
  return {
    async tellOfDisabled({ tenant, endpointId }) {
      const signal = cancellationSignal();
      const [endpoint, failing, email] = await Promise.all([
        endpoints.find(tenant, endpointId, signal),
        failures.find(tenant, endpointId, signal),
        endpoints.alertEmail(tenant, signal),
      ]);
      if (endpoint === null || (failing?.disabledAtMs ?? null) === null || failing === null)
        return 'the endpoint is not disabled any more';
      if (email === null) return 'the tenant has no alertEmail';
      const id = `webhook-disabled-${endpointId}-${failing.disabledAtMs}`;
      return send(email, disabledMessage(tenant, endpoint, failing, publicUrl), id);
    },
  };
}

export const disabledMessage = (
  tenant: string,
  { id, url }: Pick<RegisteredEndpoint, 'id' | 'url'>,
  failing: EndpointFailures,
  publicUrl: string,
): MailMessage => {
  const { hostname } = new URL(url);
  return composed(
    {
      subject: `A webhook endpoint was disabled: ${hostname}`,
      heading: 'A webhook endpoint was disabled',
      paragraphs: [
        ['What happened', `Nothing more is sent to ${hostname}: ${disabledReason(failing)}.`],
        ['What follows', 'Events that happen from now on are not sent to it, later neither.'],
        [
          'What to do',
          'Mend the receiver, then send a test event: once it is taken, the endpoint is enabled again. The list of ' +
            'deliveries has what was lost; each can be sent once more.',
        ],
      ],
      list: null,
      commands: [['Send a test event', `spaceport webhooks test ${id}`]],
      linkLabel: 'Open the settings',
      facts: [
        ['Tenant', tenant],
        ['Endpoint', id],
        ['Failing since', formatTime(new Date(failing.sinceMs).toISOString())],
      ],
    },
    `${publicUrl}/settings`,
  );
};
