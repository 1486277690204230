import { sendEmpty, sendXml, type Exchange } from '../protocol/exchange';
import { S3Error } from '../s3-error';
import { pageSize, parameter } from '../protocol/request';
import { receiveDocument } from '../protocol/request-body';
import { childText, parseXml } from '../protocol/xml';
import { OWNER } from './owner';

/** The one region whose CreateBucket succeeds when the bucket is there already (S3 API reference, CreateBucket). */
const REGION_WITH_REPEATABLE_CREATE = 'us-east-1';

/** In pages where the client asks for them; the token is the name of the last bucket that was listed. */
export async function listBuckets(exchange: Exchange): Promise<void> {
  const { request, region } = exchange;
  const prefix = parameter(request, 'prefix') ?? '';
  const after = parameter(request, 'continuation-token') ?? '';
  const asked = parameter(request, 'bucket-region') ?? region;
  const limit = parameter(request, 'max-buckets') === undefined ? Infinity : pageSize(request, 'max-buckets', 1);
  const following = exchange.store
    .listBuckets()
    .filter(({ name }) => name.startsWith(prefix) && name > after && asked === region);
  const page = following.slice(0, limit);
  sendXml(exchange, 'ListAllMyBucketsResult', {
    Owner: OWNER,
    Buckets: {
      Bucket: page.map(({ name, createdAt }) => ({
        Name: name,
        CreationDate: new Date(createdAt).toISOString(),
        BucketRegion: region,
      })),
    },
    ContinuationToken: page.length < following.length ? page.at(-1)?.name : undefined,
    Prefix: prefix === '' ? undefined : prefix,
  });
}

export async function createBucket(exchange: Exchange): Promise<void> {
  const { request, store, region } = exchange;
  await requireOwnRegion(exchange);
  const created = await store.createBucket(request.bucket);
  if (!created && region !== REGION_WITH_REPEATABLE_CREATE) throw new S3Error('BucketAlreadyOwnedByYou');
  sendEmpty(exchange, 200, { location: `/${request.bucket}` });
}

/** A client that asks for another region would not find its bucket there. */
async function requireOwnRegion(exchange: Exchange): Promise<void> {
  const { request, region } = exchange;
  if ([undefined, '0'].includes(request.headers['content-length'])) return;
  const document = parseXml(await receiveDocument(exchange), 'CreateBucketConfiguration');
  const asked = childText(document, 'LocationConstraint') ?? '';
  if (asked !== '' && asked !== region)
    throw new S3Error('InvalidLocationConstraint', `Buckets are made in ${region} only.`, {
      LocationConstraint: asked,
    });
}

export async function headBucket(exchange: Exchange): Promise<void> {
  exchange.store.bucket(exchange.request.bucket);
  sendEmpty(exchange, 200, { 'x-amz-bucket-region': exchange.region });
}

export async function deleteBucket(exchange: Exchange): Promise<void> {
  await exchange.store.deleteBucket(exchange.request.bucket);
  sendEmpty(exchange, 204);
}

export async function getBucketLocation(exchange: Exchange): Promise<void> {
  exchange.store.bucket(exchange.request.bucket);
  // S3 writes no name for us-east-1.
  sendXml(exchange, 'LocationConstraint', exchange.region === 'us-east-1' ? '' : exchange.region);
}

/** No status at all is how S3 says that a bucket never had versions. */
export async function getBucketVersioning(exchange: Exchange): Promise<void> {
  exchange.store.bucket(exchange.request.bucket);
  sendXml(exchange, 'VersioningConfiguration', {});
}
