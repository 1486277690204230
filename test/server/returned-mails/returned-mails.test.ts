import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import pino from 'pino';
import { parseReturnedMail } from '../../../contracts/messages/returned-mail';
import { layout } from '../../../contracts/storage/layout';
import { createReturnedMails, type ReturnedMails } from '../../../server/returned-mails/returned-mails';
import { MemoryAudit } from '../../helpers/memory-audit';
import { BUCKET, LocalSageMaker } from '../../helpers/local-sagemaker';

const EVENT_ID = 'job123456-succeeded-1700000000000';
const ADDRESS = 'pilot@example.com';
const JOB = 'job123456';

/** As EventBridge writes an event of SES into a log. */
const line = (detail: object, eventId = EVENT_ID): string =>
  JSON.stringify({
    source: 'aws.ses',
    'detail-type': 'Email Bounced',
    detail: {
      eventType: 'Bounce',
      mail: { destination: [ADDRESS], headers: [{ name: 'To', value: ADDRESS }, reference(eventId)] },
      bounce: {
        bounceType: 'Permanent',
        bounceSubType: 'General',
        bouncedRecipients: [{ emailAddress: ADDRESS, status: '5.1.1', diagnosticCode: `550 ${ADDRESS} unknown` }],
      },
      ...detail,
    },
  });
const reference = (value: string): object => ({ name: 'X-Entity-Ref-ID', value });

test('a mail that came back names its job and why, and no address', () => {
  expect(parseReturnedMail(line({}))).toEqual({ jobId: JOB, eventId: EVENT_ID, why: 'Permanent, General, 5.1.1' });
  const words = { bounce: { bounceType: 'Permanent', bounceSubType: `unknown ${ADDRESS}`, bouncedRecipients: [] } };
  expect(parseReturnedMail(line(words))?.why).toBe('Permanent');
  expect(parseReturnedMail(line({ eventType: 'Reject', bounce: undefined }))?.why).toBe('refused by SES');
});

test('other events, mails that are about no job, and lines that are no events are passed over', () => {
  expect(parseReturnedMail(line({ eventType: 'Complaint' }))).toBeNull();
  expect(parseReturnedMail(line({}, 'batch-b123'))).toBeNull();
  expect(parseReturnedMail(line({}, '../../job-x-1'))).toBeNull();
  expect(parseReturnedMail(line({ mail: { headers: null } }))).toBeNull();
  expect(parseReturnedMail('{"source":"aws.sagemaker","detail":{}}')).toBeNull();
  expect(parseReturnedMail('no JSON')).toBeNull();
});

describe('the server that leads', () => {
  let cloud: LocalSageMaker;
  beforeAll(async () => {
    cloud = await LocalSageMaker.start({});
  });
  afterAll(() => cloud?.close());

  /** Over a log of these lines, in pages of one. */
  function looking(lines: readonly string[], isLeader = true) {
    const asked: { logGroupName?: string; startTime?: number; nextToken?: string }[] = [];
    const send = ({ input }: { input: (typeof asked)[number] }): Promise<object> => {
      asked.push({ ...input });
      const page = Number(input.nextToken ?? 0);
      const events = lines.slice(page, page + 1).map((message) => ({ message, timestamp: 1_700_000_060_000 }));
      return Promise.resolve({ events, ...(page + 1 < lines.length && { nextToken: String(page + 1) }) });
    };
    const audit = new MemoryAudit();
    const returned: ReturnedMails = createReturnedMails({
      // The paginator asks only for the client's class and its send.
      logs: Object.assign(Object.create(CloudWatchLogsClient.prototype) as CloudWatchLogsClient, { send }),
      logGroup: '/aws/events/spaceport-events',
      s3: cloud.s3,
      bucket: BUCKET,
      audit,
      isLeader: () => isLeader,
      logger: pino({ level: 'silent' }),
      now: () => 1_700_000_100_000,
    });
    return { returned, asked, audit };
  }

  const key = layout.delivery(JOB, `mail-${EVENT_ID}`);
  const delivery = {
    eventId: EVENT_ID,
    event: 'job.succeeded',
    channel: 'mail',
    status: 'delivered',
    detail: '250 taken',
    at: '2023-11-14T22:13:20.000Z',
  };

  test('marks the mail on its job, notes it, and does so once', async () => {
    await cloud.put({ [key]: JSON.stringify(delivery) });
    const { returned, asked, audit } = looking(['no JSON', line({}), line({})]);
    expect(await returned.look()).toBe(1);
    expect(JSON.parse((await cloud.get(key)).toString())).toEqual({
      ...delivery,
      status: 'returned',
      detail: 'Permanent, General, 5.1.1',
      at: '2023-11-14T22:14:20.000Z',
    });
    expect(audit.entries.get(JOB)).toMatchObject([{ operation: 'noteReturnedMail', by: { kind: 'upkeep' } }]);
    expect(await returned.look()).toBe(0);
    // The second look begins where the first one did, less what may have come late.
    expect(asked.map(({ startTime }) => startTime)).toEqual([
      ...Array<number>(3).fill(1_700_000_100_000 - 24 * 3600_000),
      ...Array<number>(3).fill(1_700_000_100_000 - 20 * 60_000),
    ]);
  });

  test('another server does not look, and an erased job gets no file back', async () => {
    const second = looking([line({})], false);
    expect(await second.returned.look()).toBe(0);
    expect(second.asked).toEqual([]);
    const erased = looking([line({}, 'erased123456-failed-1700000000000')]);
    expect(await erased.returned.look()).toBe(0);
    expect(erased.audit.entries.size).toBe(0);
    expect(await cloud.keys('jobs/erased123456/')).toEqual([]);
  });
});
