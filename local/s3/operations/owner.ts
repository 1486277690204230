import { sha256 } from '../../aws/sigv4';
import { sendXml, type Exchange } from '../protocol/exchange';
import { header, type S3Request } from '../protocol/request';
import { S3Error } from '../s3-error';

/** Everything belongs to one owner. The id has the shape of S3's canonical user ids: 64 hexadecimal digits. */
export const OWNER = { ID: sha256('spaceport'), DisplayName: 'spaceport' };
const ACCOUNT_ID = '000000000000';

/** Canned ACLs that say what is the case anyway. */
const ACLS_OF_THE_OWNER = ['', 'private', 'bucket-owner-read', 'bucket-owner-full-control'];

/** GetBucketAcl and GetObjectAcl: the owner may do everything, nobody else anything. */
export async function getAcl(exchange: Exchange): Promise<void> {
  const { request, store } = exchange;
  if (request.key === '') store.bucket(request.bucket);
  else store.object(request.bucket, request.key);
  const grantee = 'Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser"';
  sendXml(exchange, 'AccessControlPolicy', {
    Owner: OWNER,
    AccessControlList: { Grant: { [grantee]: OWNER, Permission: 'FULL_CONTROL' } },
  });
}

/**
 * Refuses what names another owner, or would let others in.
 * @throws {S3Error} AccessDenied, AccessControlListNotSupported
 */
export function requireOwnersOnly(request: S3Request): void {
  for (const name of ['x-amz-expected-bucket-owner', 'x-amz-source-expected-bucket-owner']) {
    const expected = header(request, name);
    if (expected !== undefined && expected !== ACCOUNT_ID && expected !== OWNER.ID)
      throw new S3Error('AccessDenied', `${name} is not the owner of the bucket.`);
  }
  const grants = Object.keys(request.headers).some((name) => name.startsWith('x-amz-grant-'));
  if (grants || !ACLS_OF_THE_OWNER.includes(header(request, 'x-amz-acl') ?? ''))
    throw new S3Error('AccessControlListNotSupported');
}
