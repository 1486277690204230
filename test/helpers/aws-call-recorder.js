/**
 * `node -r aws-call-recorder.js`: a server or worker appends each command that it sends to AWS to the file that
 * RECORDED_CALLS names, a line of JSON each. For test/infra/calls/record.ts.
 */
const { appendFileSync } = require('node:fs');

const file = process.env.RECORDED_CALLS;
const [, folder] = /(server|workers)[\\/]main\.[jt]s$/.exec(process.argv[1] ?? '') ?? [];
if (file !== undefined && folder !== undefined) record(file, folder === 'workers' ? 'worker' : 'server');

function record(to, program) {
  const { CloudWatchLogsClient } = require('@aws-sdk/client-cloudwatch-logs');
  const { S3Client } = require('@aws-sdk/client-s3');
  const { SageMakerClient } = require('@aws-sdk/client-sagemaker');
  const clients = [S3Client, SageMakerClient, CloudWatchLogsClient];
  for (const base of new Set(clients.map((client) => Object.getPrototypeOf(client.prototype)))) {
    const { send } = base;
    base.send = function (command, ...rest) {
      const name = command.constructor.name.replace(/Command$/, '');
      appendFileSync(to, `${JSON.stringify({ program, name, input: subjectOf(command.input) })}\n`);
      return send.call(this, command, ...rest);
    };
  }
}

/** What a command is about, without bodies. */
function subjectOf({ Bucket, Key, CopySource, Delete, ProcessingJobName, TrainingJobName, ResourceArn, ...others }) {
  return {
    bucket: Bucket,
    key: Key,
    from: CopySource,
    keys: Delete?.Objects.map((object) => object.Key),
    job: ProcessingJobName ?? TrainingJobName ?? ResourceArn?.replace(/^.*\//, ''),
    group: others.logGroupName,
    stream: others.logStreamName ?? others.logStreamNamePrefix,
  };
}
