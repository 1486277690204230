import {
  DescribeImagesCommand,
  ECRClient,
  ImageNotFoundException,
  RepositoryNotFoundException,
} from '@aws-sdk/client-ecr';
import { HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { paginateListServiceQuotas, ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { GetAccountCommand, GetEmailIdentityCommand, NotFoundException, SESv2Client } from '@aws-sdk/client-sesv2';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { ImageName } from '../cell';
import { fine, looked, missing, type Finding } from './finding';
import { quotaFindings, type Quota } from './quotas';

/** A cell as it stands in the settings. */
export interface CheckedCell {
  readonly deployment: string;
  readonly region: string;
  readonly images: readonly ImageName[];
  readonly imageTag: string;
  readonly host: string;
  /** Whether S3 is reached at another address than AWS's, where buckets stand in the path. */
  readonly s3IsElsewhere: boolean;
}

/** Who asks; throws where there are no credentials, without which nothing else can be looked at. */
export async function accountId(region: string): Promise<string> {
  const client = new STSClient({ region });
  const { Account = '' } = await client.send(new GetCallerIdentityCommand({}));
  return Account;
}

/** Everything at AWS that a cell needs before its programs are deployed. Read-only calls. */
export async function awsFindings(cell: CheckedCell, account: string): Promise<readonly Finding[]> {
  const looks = [
    looked('bucket', () => bucketFindings(cell, account)),
    looked('images', () => imageFindings(cell)),
    looked('mail', () => mailFindings(cell)),
    looked('quota', async () => quotaFindings(await sagemakerQuotas(cell.region))),
  ];
  return (await Promise.all(looks)).flat();
}

async function bucketFindings({ deployment, region, s3IsElsewhere }: CheckedCell, account: string): Promise<Finding[]> {
  const bucket = `${deployment}-${region}-${account}`;
  const client = new S3Client({ region, forcePathStyle: s3IsElsewhere });
  try {
    await client.send(new HeadBucketCommand({ Bucket: bucket }));
    return [fine('bucket', bucket)];
  } catch (error) {
    if (!(error instanceof Error) || !['NotFound', 'NoSuchBucket'].includes(error.name)) throw error;
    return [missing('bucket', `there is no bucket ${bucket}: deploy the stack ${deployment}-${region}-foundation`)];
  }
}

async function imageFindings({ deployment, region, images, imageTag }: CheckedCell): Promise<Finding[]> {
  const client = new ECRClient({ region });
  const look = async (image: string): Promise<Finding> => {
    const repositoryName = `${deployment}/${image}`;
    try {
      await client.send(new DescribeImagesCommand({ repositoryName, imageIds: [{ imageTag }] }));
      return fine('images', `${repositoryName}:${imageTag}`);
    } catch (error) {
      if (error instanceof RepositoryNotFoundException)
        return missing('images', `there is no repository ${repositoryName}: deploy the foundation`);
      if (error instanceof ImageNotFoundException)
        return missing('images', `${repositoryName} has no image ${imageTag}: build and push it`);
      throw error;
    }
  };
  return Promise.all(images.map(look));
}

async function mailFindings({ region, host }: CheckedCell): Promise<Finding[]> {
  const client = new SESv2Client({ region });
  const { ProductionAccessEnabled, SendingEnabled } = await client.send(new GetAccountCommand({}));
  const account =
    ProductionAccessEnabled !== true
      ? missing('mail', 'SES is in its sandbox and mails confirmed addresses only: ask for production access')
      : SendingEnabled !== true
        ? missing('mail', 'SES has stopped this account from sending: its console says why')
        : fine('mail', 'SES sends to everybody');
  try {
    const { VerifiedForSendingStatus } = await client.send(new GetEmailIdentityCommand({ EmailIdentity: host }));
    return [
      account,
      VerifiedForSendingStatus === true
        ? fine('mail', `${host} is confirmed`)
        : missing('mail', `SES does not yet see the signatures of ${host} in DNS: wait, or look at the hosted zone`),
    ];
  } catch (error) {
    if (!(error instanceof NotFoundException)) throw error;
    return [account, missing('mail', `SES does not know ${host}: deploy the foundation`)];
  }
}

async function sagemakerQuotas(region: string): Promise<Quota[]> {
  const client = new ServiceQuotasClient({ region, maxAttempts: 8 });
  const quotas: Quota[] = [];
  for await (const { Quotas = [] } of paginateListServiceQuotas(
    { client, pageSize: 100 },
    { ServiceCode: 'sagemaker' },
  ))
    for (const { QuotaName = '', Value = 0 } of Quotas) quotas.push({ name: QuotaName, value: Value });
  return quotas;
}
