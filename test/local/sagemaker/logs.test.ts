import { writeFile } from 'node:fs/promises';
import {
  DescribeLogStreamsCommand,
  GetLogEventsCommand,
  type GetLogEventsCommandInput,
} from '@aws-sdk/client-cloudwatch-logs';
import { LocalSageMaker } from '../../helpers/local-sagemaker';
import { waitFor } from '../../helpers/wait-for';

const GROUP = '/aws/sagemaker/ProcessingJobs';

describe('the logs of a job', () => {
  let local: LocalSageMaker;

  beforeAll(async () => {
    local = await LocalSageMaker.start(
      {
        talks: {
          sh: 'cd $SAGEMAKER_BASE_DIR; while [ ! -e speak ]; do sleep 0.02; done; echo one; echo two >&2; printf "\\n\\303\\244"; while [ ! -e end ]; do sleep 0.02; done; printf " bytes"',
        },
        counts: {
          node: "for (let i = 0; i < 12000; i++) console.log('line ' + i + ' ' + 'x'.repeat(i < 100 ? 20000 : 0));",
        },
      },
      { keepTrees: true },
    );
  });
  afterAll(() => local.close());

  const streams = async (prefix: string) => {
    const { logStreams } = await local.logs.send(
      new DescribeLogStreamsCommand({ logGroupName: GROUP, logStreamNamePrefix: prefix }),
    );
    return logStreams!.map(({ logStreamName }) => logStreamName!);
  };
  const events = async (logStreamName: string, more: Partial<GetLogEventsCommandInput> = {}) => {
    const page = await local.logs.send(
      new GetLogEventsCommand({ logGroupName: GROUP, logStreamName, startFromHead: true, ...more }),
    );
    return { ...page, messages: page.events!.map(({ message }) => message) };
  };

  test('appear with the first line, are read on from a token, and answer with the same token when there is nothing new', async () => {
    await local.createProcessingJob('talks', 'talks');
    await waitFor('the container', () => local.fileInTree('processing', 'talks', 'config/resourceconfig.json'));
    await expect(streams('talks/')).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'The specified log group does not exist.',
    });

    await writeFile(`${local.jobFolder('processing', 'talks')}/tree/speak`, '');
    const [stream] = await waitFor(
      'the stream',
      async () => (await streams('talks/')).length === 1 && streams('talks/'),
    );
    expect(stream).toMatch(/^talks\/algo-1-\d{10}$/);
    await expect(events('talks/algo-1-0')).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'The specified log stream does not exist.',
    });
    const first = await waitFor('both lines', async () => {
      const page = await events(stream!);
      return page.messages.length === 2 && page;
    });
    expect(first.messages.toSorted()).toEqual(['one', 'two']);
    const again = await events(stream!, { nextToken: first.nextForwardToken });
    expect([again.messages, again.nextForwardToken]).toEqual([[], first.nextForwardToken]);

    await writeFile(`${local.jobFolder('processing', 'talks')}/tree/end`, '');
    const job = await local.processingJobEnd('talks');
    const last = await events(stream!, { nextToken: first.nextForwardToken });
    expect(last.messages).toEqual(['ä bytes']);
    expect(last.events![0]!.timestamp).toBeGreaterThanOrEqual(job.ProcessingStartTime!.getTime());
    expect(last.events![0]!.timestamp).toBeLessThanOrEqual(job.ProcessingEndTime!.getTime());
  });

  test('come in pages of at most 1 MB and the limit asked for, in order, each line once', async () => {
    await local.createProcessingJob('counts', 'counts');
    await local.processingJobEnd('counts');
    const [stream] = await streams('counts/');
    const numbers: number[] = [];
    const sizes: number[] = [];
    let token: string | undefined;
    for (;;) {
      const page = await events(stream!, { nextToken: token });
      if (page.nextForwardToken === token) break;
      token = page.nextForwardToken;
      numbers.push(...page.messages.map((message) => Number(message!.split(' ')[1])));
      sizes.push(page.messages.reduce((sum, message) => sum + message!.length + 26, 0));
    }
    expect(numbers).toEqual(Array.from({ length: 12_000 }, (_, index) => index));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1024 * 1024);
    expect(sizes.length).toBeGreaterThan(2);
    expect((await events(stream!, { limit: 3 })).messages).toHaveLength(3);
  });

  test('show their end where the head is not asked for, and go backwards from there', async () => {
    const [stream] = await streams('counts/');
    const end = await events(stream!, { startFromHead: false, limit: 2 });
    expect(end.messages).toEqual(['line 11998 ', 'line 11999 ']);
    const before = await events(stream!, { limit: 2, nextToken: end.nextBackwardToken });
    expect(before.messages).toEqual(['line 11996 ', 'line 11997 ']);
    expect((await events(stream!, { nextToken: end.nextForwardToken })).messages).toEqual([]);
  });

  test('of jobs that have not written are no stream, once the group exists', async () => {
    expect(await streams('nobody/')).toEqual([]);
  });
});
