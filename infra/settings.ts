import type { AccountSettings } from './lib/settings';

/** The account: these values are examples, with which the tests synthesise; put in your own before a deploy. */
export const settings: AccountSettings = {
  prefix: 'spaceport',
  operatorMails: ['operator@example.com'],
  budgetUsdPerMonth: 1000,
  homeRegion: 'us-west-2',
  stages: [
    {
      name: 'dev',
      imageTag: '0.1.0',
      spendUsdPerDay: 20,
      cells: [
        {
          region: 'us-west-2',
          host: 'dev.spaceport.example.com',
          hostedZone: { id: 'Z0000000EXAMPLE', name: 'spaceport.example.com' },
          mailSender: 'dev',
          temporal: { address: 'spaceport-dev.a1b2c.tmprl.cloud:7233', namespace: 'spaceport-dev.a1b2c' },
          inputBuckets: [],
        },
      ],
    },
    {
      name: 'prod',
      imageTag: '0.2.0',
      drainingImageTags: ['0.1.0'],
      spendUsdPerDay: 100,
      cells: [
        {
          region: 'us-west-2',
          host: 'spaceport.example.com',
          hostedZone: { id: 'Z0000000EXAMPLE', name: 'spaceport.example.com' },
          mailSender: 'scenes',
          temporal: { address: 'spaceport-prod.a1b2c.tmprl.cloud:7233', namespace: 'spaceport-prod.a1b2c' },
          inputBuckets: ['surveys.example.com'],
        },
        {
          region: 'eu-central-1',
          host: 'eu.spaceport.example.com',
          hostedZone: { id: 'Z0000000EXAMPLE', name: 'spaceport.example.com' },
          mailSender: 'scenes',
          temporal: { isOwn: true, namespace: 'spaceport' },
          inputBuckets: [],
        },
      ],
    },
  ],
};
