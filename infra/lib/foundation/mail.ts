import { CfnUser } from 'aws-cdk-lib/aws-iam';
import { CfnRecordSet } from 'aws-cdk-lib/aws-route53';
import { CfnConfigurationSet, CfnConfigurationSetEventDestination, CfnEmailIdentity } from 'aws-cdk-lib/aws-ses';
import { Aws } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { Cell } from '../cell';
import { mailerStatements } from '../permissions/mailer';
import { documentOf, type Place } from '../permissions/statement';

const DNS_SECONDS = '1800';

export const senderOf = ({ settings }: Cell): string => `${settings.mailSender}@${settings.host}`;

/** Amazon SES for the cell's host: signatures in DNS, what comes of mails as events, and who may send. */
export class Mail extends Construct {
  constructor(scope: Construct, place: Place) {
    super(scope, 'Mail');
    const { cell } = place;
    const { host, hostedZone } = cell.settings;
    const set = new CfnConfigurationSet(this, 'Mails', {
      name: cell.names.regional('mails'),
      deliveryOptions: { tlsPolicy: 'REQUIRE' },
      reputationOptions: { reputationMetricsEnabled: true },
      suppressionOptions: { suppressedReasons: ['BOUNCE', 'COMPLAINT'] },
    });
    new CfnConfigurationSetEventDestination(this, 'Events', {
      configurationSetName: set.ref,
      eventDestination: {
        name: 'events',
        enabled: true,
        matchingEventTypes: ['bounce', 'complaint', 'reject', 'renderingFailure'],
        eventBridgeDestination: {
          eventBusArn: `arn:${Aws.PARTITION}:events:${cell.region}:${Aws.ACCOUNT_ID}:event-bus/default`,
        },
      },
    });
    const identity = new CfnEmailIdentity(this, 'Identity', {
      emailIdentity: host,
      configurationSetAttributes: { configurationSetName: set.ref },
      dkimSigningAttributes: { nextSigningKeyLength: 'RSA_2048_BIT' },
    });
    const record = (id: string, type: string, name: string, value: string): CfnRecordSet =>
      new CfnRecordSet(this, id, {
        hostedZoneId: hostedZone.id,
        type,
        name,
        ttl: DNS_SECONDS,
        resourceRecords: [value],
      });
    record('Signature1', 'CNAME', identity.attrDkimDnsTokenName1, identity.attrDkimDnsTokenValue1);
    record('Signature2', 'CNAME', identity.attrDkimDnsTokenName2, identity.attrDkimDnsTokenValue2);
    record('Signature3', 'CNAME', identity.attrDkimDnsTokenName3, identity.attrDkimDnsTokenValue3);
    record('Policy', 'TXT', `_dmarc.${host}`, '"v=DMARC1; p=quarantine"');
    // A person makes the key, so that its secret stands in no template: SES's mail server knows users only.
    new CfnUser(this, 'Mailer', {
      userName: cell.names.global('mailer'),
      policies: [{ policyName: 'allowed', policyDocument: documentOf(mailerStatements(place, senderOf(cell))) }],
    });
  }
}
