import { arn, type Allowed, type Place } from './statement';

/** The user whose key is turned into a password of SES's mail server: it sends mails of this sender, and no other. */
export const mailerStatements = ({ cell }: Place, sender: string): Allowed[] => [
  {
    sid: 'SendMails',
    actions: ['ses:SendRawEmail'],
    resources: [
      arn('ses', cell, `identity/${cell.settings.host}`),
      arn('ses', cell, `configuration-set/${cell.names.regional('mails')}`),
    ],
    conditions: { StringEquals: { 'ses:FromAddress': sender } },
  },
];
