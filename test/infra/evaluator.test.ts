import { isAllowed, isLike } from './iam/evaluate';
import type { Call, Policies, Statement } from './iam/policy';
import { resolved, type Template } from './iam/template';

const ACCOUNT = '111122223333';
const ROLE = `arn:aws:iam::${ACCOUNT}:role/worker`;
const BUCKET = 'arn:aws:s3:::photos';
const KEY = `arn:aws:kms:us-west-2:${ACCOUNT}:key/1`;
const ROOT: Statement = {
  Effect: 'Allow',
  Action: 'kms:*',
  Resource: '*',
  Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
};
const NO_PLAIN: Statement = {
  Effect: 'Deny',
  Action: 's3:*',
  Resource: [BUCKET, `${BUCKET}/*`],
  Principal: { AWS: '*' },
  Condition: { Bool: { 'aws:SecureTransport': 'false' } },
};

const get: Call = { principal: ROLE, action: 's3:GetObject', resource: `${BUCKET}/jobs/1/job.json` };
const decrypt: Call = { principal: ROLE, action: 'kms:Decrypt', resource: KEY };
const policies = (own: readonly Statement[], atBucket: Statement[] = [], atKey: Statement[] = [ROOT]): Policies => ({
  account: ACCOUNT,
  identities: new Map([[ROLE, own]]),
  resources: [
    { kind: 'bucket', arn: BUCKET, statements: atBucket },
    { kind: 'key', arn: KEY, statements: atKey },
  ],
});
const allow = (Action: string, Resource: string, more: Partial<Statement> = {}): Statement => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
});

test('what nobody allows is refused, and a statement allows what its patterns match', () => {
  expect(isAllowed(get, policies([]))).toBe(false);
  expect(isAllowed(get, policies([allow('s3:GetObject', `${BUCKET}/jobs/*`)]))).toBe(true);
  expect(isAllowed(get, policies([allow('s3:getobject', `${BUCKET}/jobs/*`)]))).toBe(true);
  expect(isAllowed(get, policies([allow('s3:GetObject', `${BUCKET}/uploads/*`)]))).toBe(false);
  expect(isAllowed(get, policies([allow('s3:GetObject', BUCKET)]))).toBe(false);
  expect(isLike('a?c.*', 'abc.d/e')).toBe(true);
  expect(isLike('a.c', 'abc')).toBe(false);
});

test('a Deny counts before every Allow, at the identity and at the bucket', () => {
  const own = [allow('s3:GetObject', `${BUCKET}/*`)];
  expect(isAllowed(get, policies(own, [NO_PLAIN]))).toBe(true);
  expect(isAllowed({ ...get, context: { 'aws:SecureTransport': 'false' } }, policies(own, [NO_PLAIN]))).toBe(false);
  expect(isAllowed(get, policies([...own, { ...allow('s3:*', '*'), Effect: 'Deny' }]))).toBe(false);
});

test('a bucket can let a role in by itself; a key only lets in those whom its own policy or the account names', () => {
  const forRole = { Principal: { AWS: ROLE } };
  expect(isAllowed(get, policies([], [allow('s3:GetObject', `${BUCKET}/*`, forRole)]))).toBe(true);
  expect(isAllowed(decrypt, policies([allow('kms:Decrypt', KEY)]))).toBe(true);
  expect(isAllowed(decrypt, policies([allow('kms:Decrypt', KEY)], [], []))).toBe(false);
  expect(isAllowed(decrypt, policies([]))).toBe(false);
  expect(isAllowed(decrypt, policies([], [], [allow('kms:Decrypt', '*', forRole)]))).toBe(true);
});

test('a condition on something that the call does not carry is not met', () => {
  const through = { Condition: { StringEquals: { 'kms:ViaService': 's3.us-west-2.amazonaws.com' } } };
  const own = policies([allow('kms:Decrypt', KEY, through)]);
  expect(isAllowed(decrypt, own)).toBe(false);
  expect(isAllowed({ ...decrypt, context: { 'kms:ViaService': 's3.us-west-2.amazonaws.com' } }, own)).toBe(true);
  expect(isAllowed({ ...decrypt, context: { 'kms:ViaService': 'rds.us-west-2.amazonaws.com' } }, own)).toBe(false);
});

test('what the evaluator does not know is an error, not a permission', () => {
  const strange = { Effect: 'Allow', NotAction: 's3:PutObject', Resource: '*' } as unknown as Statement;
  expect(() => isAllowed(get, policies([strange]))).toThrow('NotAction');
  const operator = allow('s3:GetObject', '*', { Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } });
  expect(() => isAllowed(get, policies([operator]))).toThrow('IpAddress');
});

test('functions of a template become what AWS would put in their place', () => {
  const template: Template = {
    Resources: {
      Bucket: {
        Type: 'AWS::S3::Bucket',
        Properties: { BucketName: { 'Fn::Join': ['-', ['photos', { Ref: 'AWS::AccountId' }]] } },
      },
      Role: { Type: 'AWS::IAM::Role', Properties: { RoleName: 'worker' } },
      Policy: {
        Type: 'AWS::S3::BucketPolicy',
        Properties: {
          Bucket: { Ref: 'Bucket' },
          arns: [{ 'Fn::GetAtt': ['Bucket', 'Arn'] }, { 'Fn::GetAtt': ['Role', 'Arn'] }, { 'Fn::ImportValue': 'key' }],
          zone: { 'Fn::Select': [1, { 'Fn::GetAZs': '' }] },
        },
      },
    },
  };
  const place = { region: 'us-west-2', account: ACCOUNT, imports: { key: KEY } };
  expect(resolved(template, place).Resources.Policy?.Properties).toEqual({
    Bucket: `photos-${ACCOUNT}`,
    arns: [`arn:aws:s3:::photos-${ACCOUNT}`, ROLE, KEY],
    zone: 'us-west-2b',
  });
  expect(() => resolved(template, { ...place, imports: {} })).toThrow('nothing exports "key"');
});
