import { WILDCARD_REASONS } from '../../infra/lib/permissions/reasons';
import { settings } from '../../infra/settings';
import { layout } from '../../contracts/storage/layout';
import { cellSettings } from './cell-settings';
import type { CellThings } from './calls/commands';
import { impliedCalls } from './calls/commands';
import { recordedCommands } from './calls/recorded-commands';
import { serverCommands, workerCommands } from './calls/program-commands';
import { machineCalls, mailCalls, startCalls } from './calls/service-calls';
import { commandsInSources } from './calls/source-commands';
import { isAbout, isAllowed } from './iam/evaluate';
import { listOf, type Call, type Policies, type Statement } from './iam/policy';
import type { Json, Template } from './iam/template';
import { ACCOUNT, resourceOf, resourcesOf, synthesise, type SynthesisedCell } from './synthesis';

const { cells } = synthesise();

const BOTH_SECRETS = ['payload-keys', 'mail-url', 'webhook-secret', 'webhook-master-key'];
/** What ECS starts, beside the key of Temporal Cloud. */
const STARTED = {
  worker: { images: ['product'], secrets: BOTH_SECRETS },
  server: { images: ['product'], secrets: [...BOTH_SECRETS, 'admin-key-hash', 'database-ca', 'database'] },
  temporal: { images: ['temporal', 'product'], secrets: ['temporal-database', 'database-ca'] },
} as const;
const IDENTITIES = ['server', 'worker', 'machine', 'server-start', 'worker-start', 'mailer'] as const;
type Identity = (typeof IDENTITIES)[number] | 'temporal-start';

const identitiesOf = ({ temporal }: SynthesisedCell): readonly Identity[] =>
  temporal === null ? IDENTITIES : [...IDENTITIES, 'temporal-start'];

const arnOf = ({ deployment, region }: SynthesisedCell, identity: Identity): string =>
  `arn:aws:iam::${ACCOUNT}:${identity === 'mailer' ? 'user' : 'role'}/${deployment}-${region}-${identity}`;

const thingsOf = (cell: SynthesisedCell): CellThings => ({
  region: cell.region,
  account: ACCOUNT,
  bucket: `${cell.deployment}-${cell.region}-${ACCOUNT}`,
  keyArn: cell.policies.resources.find(({ kind }) => kind === 'key')!.arn,
  machineRoleArn: arnOf(cell, 'machine'),
});

/** All calls that somebody makes in a cell. */
function neededCalls(cell: SynthesisedCell): Call[] {
  const { deployment } = cell;
  const { host, mailSender, inputBuckets } = cellSettings(cell);
  const things = thingsOf(cell);
  const start = (task: keyof typeof STARTED) => {
    const { images, secrets } = STARTED[task];
    const ofCloud = cell.temporal === null && task !== 'temporal' ? ['temporal-api-key'] : [];
    return startCalls(
      deployment,
      { images, secrets: [...secrets, ...ofCloud], logGroup: `/${settings.prefix}/${deployment}/${task}` },
      things,
    );
  };
  const calls: Record<Identity, Omit<Call, 'principal'>[]> = {
    server: serverCommands(deployment, inputBuckets).flatMap((command) => impliedCalls(command, things)),
    worker: workerCommands(deployment, inputBuckets).flatMap((command) => impliedCalls(command, things)),
    machine: machineCalls(deployment, inputBuckets, things),
    'server-start': start('server'),
    'worker-start': start('worker'),
    'temporal-start': start('temporal'),
    mailer: mailCalls({ host, sender: `${mailSender}@${host}`, configurationSet: `${deployment}-mails` }, things),
  };
  return identitiesOf(cell).flatMap((identity) =>
    calls[identity].map((call) => ({ ...call, principal: arnOf(cell, identity) })),
  );
}

const text = ({ principal, action, resource }: Call): string => `${principal}: ${action} on ${resource}`;
const refused = (calls: readonly Call[], policies: Policies): string[] =>
  calls.filter((call) => !isAllowed(call, policies)).map(text);
const allowed = (calls: readonly Call[], policies: Policies): string[] =>
  calls.filter((call) => isAllowed(call, policies)).map(text);

/** The policies, with the statements of one identity replaced. */
const changed = (policies: Policies, identity: string, statements: readonly Statement[]): Policies => ({
  ...policies,
  identities: new Map([...policies.identities, [identity, statements]]),
});

/** Each pair of an action and a resource that a statement allows, as a statement of its own. */
const pairsOf = (statement: Statement): Statement[] =>
  listOf(statement.Action).flatMap((Action) =>
    listOf(statement.Resource).map((Resource) => ({ ...statement, Action, Resource })),
  );

/** What no call needs: pairs of an action and a resource without which all calls are still allowed. */
function superfluous(identity: string, policies: Policies, needed: readonly Call[]): string[] {
  const pairs = (policies.identities.get(identity) ?? []).flatMap(pairsOf);
  const own = needed.filter(({ principal }) => principal === identity);
  return pairs
    .filter((pair) => !own.some((call) => isAbout(pair, call)))
    .map(({ Action, Resource }) => `${identity}: ${String(Action)} on ${String(Resource)}`);
}

describe.each(cells.map((cell) => [`${cell.deployment} in ${cell.region}`, cell] as const))('%s', (_name, cell) => {
  const { policies, deployment, region } = cell;
  const needed = neededCalls(cell);
  const things = thingsOf(cell);
  const other = cells.find((found) => found.deployment !== deployment) ?? cell;

  test('every call that the programs and services make is allowed', () => {
    expect(needed.length).toBeGreaterThan(150);
    expect(refused(needed, policies)).toEqual([]);
  });

  test.each(['worker', 'server'] as const)('every call that the %s made in recorded tests is allowed', (program) => {
    const recorded = recordedCommands(program, deployment).flatMap((command) => impliedCalls(command, things));
    expect(recorded.length).toBeGreaterThan(20);
    expect(
      refused(
        recorded.map((call) => ({ ...call, principal: arnOf(cell, program) })),
        policies,
      ),
    ).toEqual([]);
  });

  test('nothing is allowed that no call needs', () => {
    expect([...policies.identities.keys()].sort()).toEqual(
      identitiesOf(cell)
        .map((identity) => arnOf(cell, identity))
        .sort(),
    );
    expect([...policies.identities.keys()].flatMap((identity) => superfluous(identity, policies, needed))).toEqual([]);
  });

  test('a call is refused as soon as any one permission is taken out', () => {
    for (const [identity, statements] of policies.identities) {
      const pairs = statements.flatMap(pairsOf);
      const own = needed.filter(({ principal }) => principal === identity);
      const harmless = pairs.filter((gone) => {
        const without = changed(
          policies,
          identity,
          pairs.filter((pair) => pair !== gone),
        );
        return refused(own, without).length === 0;
      });
      expect(harmless.map(({ Sid, Action, Resource }) => `${Sid}: ${String(Action)} on ${String(Resource)}`)).toEqual(
        [],
      );
    }
  });

  test.each([
    's3:DeleteBucket',
    's3:PutBucketPolicy',
    'sagemaker:CreateEndpoint',
    'iam:CreateRole',
    'kms:ScheduleKeyDeletion',
  ])('a permission too many is found: %s', (Action) => {
    const worker = arnOf(cell, 'worker');
    const more: Statement = { Effect: 'Allow', Action, Resource: '*' };
    const widened = changed(policies, worker, [...(policies.identities.get(worker) ?? []), more]);
    expect(superfluous(worker, widened, needed)).toEqual([`${worker}: ${Action} on *`]);
  });

  test('no other bucket is reached, of another deployment or of anybody else', () => {
    const elsewhere = needed
      .filter(({ resource }) => resource.includes(`:::${things.bucket}`))
      .flatMap((call) =>
        [thingsOf(other).bucket, `${things.bucket}-access-logs`, 'somebody.example.com']
          .filter((bucket) => bucket !== things.bucket)
          .map((bucket) => ({ ...call, resource: call.resource.replace(things.bucket, bucket) })),
      );
    expect(elsewhere.length).toBeGreaterThan(100);
    expect(allowed(elsewhere, policies)).toEqual([]);
  });

  test('no program reaches objects that it has nothing to do with', () => {
    const prefixes = [
      ...Object.entries(layout).flatMap(([name, value]) => (name.endsWith('Prefix') ? [String(value)] : [])),
      'elsewhere/',
    ];
    const actions = ['GetObject', 'PutObject', 'DeleteObject', 'AbortMultipartUpload', 'ListMultipartUploadParts'];
    const object = (prefix: string): string => `arn:aws:s3:::${things.bucket}/${prefix}`;
    const strange = identitiesOf(cell).flatMap((identity) =>
      actions.flatMap((action) =>
        prefixes
          .filter(
            (prefix) =>
              !needed.some(
                (call) =>
                  call.principal === arnOf(cell, identity) &&
                  call.action === `s3:${action}` &&
                  call.resource.startsWith(object(prefix)),
              ),
          )
          .map((prefix) => ({
            principal: arnOf(cell, identity),
            action: `s3:${action}`,
            resource: `${object(prefix)}some/thing`,
          })),
      ),
    );
    expect(strange.length).toBeGreaterThan(100);
    expect(allowed(strange, policies)).toEqual([]);
  });

  test('no machine, log, image or secret of another deployment is reached', () => {
    const names = [other.deployment, 'spaceport', `${deployment}x`, 'somebody'].filter((name) => name !== deployment);
    const theirs = needed
      .filter(({ action, resource }) => /^(sagemaker|logs|ecr|secretsmanager|ses):/.test(action) && resource !== '*')
      // Machines' logs are in groups that all deployments share, and SageMaker opens them itself.
      .filter(({ principal, action }) => !(principal === arnOf(cell, 'machine') && action.startsWith('logs:')))
      .filter(({ resource }) => !/log-group:\/aws\/sagemaker\/\w+:\*$/.test(resource))
      .filter(({ resource }) => resource.includes(deployment))
      .flatMap((call) => names.map((name) => ({ ...call, resource: call.resource.replaceAll(deployment, name) })));
    expect(theirs.length).toBeGreaterThan(100);
    expect(allowed(theirs, policies)).toEqual([]);
  });

  test('the machines’ role, and no other, is handed on to SageMaker, and to no other service', () => {
    const passed = needed.filter(({ action }) => action === 'iam:PassRole');
    const otherRoles = passed.flatMap((call) =>
      (['server', 'worker', 'worker-start'] as const).map((identity) => ({ ...call, resource: arnOf(cell, identity) })),
    );
    const otherServices = passed.map((call) => ({
      ...call,
      context: { 'iam:PassedToService': 'lambda.amazonaws.com' },
    }));
    const ofOthers = passed.map((call) => ({ ...call, resource: arnOf(other, 'machine') }));
    expect(passed.length).toBeGreaterThan(0);
    expect(allowed([...otherRoles, ...otherServices, ...ofOthers], policies)).toEqual(
      other === cell ? ofOthers.map(text) : [],
    );
    expect(allowed([{ ...passed[0]!, principal: arnOf(cell, 'server') }], policies)).toEqual([]);
  });

  test('a machine with network, or with results under another key, cannot be rented', () => {
    const created = needed.filter(({ action }) => /^sagemaker:Create/.test(action));
    const wrong = created.flatMap((call) => [
      { ...call, context: { ...call.context, 'sagemaker:NetworkIsolation': 'false' } },
      { ...call, context: { 'sagemaker:OutputKmsKey': things.keyArn } },
      { ...call, context: { 'sagemaker:NetworkIsolation': 'true' } },
      { ...call, context: { ...call.context, 'sagemaker:OutputKmsKey': `${things.keyArn}0` } },
    ]);
    expect(created.length).toBe(3);
    expect(allowed(wrong, policies)).toEqual([]);
  });

  test('the key is used through the services that need it, and only by those who have a statement for it', () => {
    const withKey = needed.filter(
      ({ action, context = {} }) => action.startsWith('kms:') && 'kms:ViaService' in context,
    );
    const direct = withKey.flatMap((call) =>
      call.principal === arnOf(cell, 'machine') && call.action === 'kms:CreateGrant'
        ? []
        : [
            { ...call, context: {} },
            { ...call, context: { 'kms:ViaService': `ec2.${region}.amazonaws.com` } },
          ],
    );
    const strangers = ['arn:aws:iam::999999999999:role/somebody', arnOf(cell, 'mailer'), 'cloudtrail.amazonaws.com'];
    const byStrangers = strangers.map((principal) => ({ ...withKey[0]!, principal }));
    const otherKeys = withKey.map((call) => ({ ...call, resource: `${call.resource}0` }));
    expect(withKey.length).toBeGreaterThan(50);
    expect(allowed([...direct, ...byStrangers, ...otherKeys], policies)).toEqual([]);
  });

  test('nobody reaches the bucket without TLS, or with an old one', () => {
    const inBucket = needed.filter(({ resource }) => resource.includes(`:::${things.bucket}`));
    const plain = inBucket.flatMap((call) => [
      { ...call, context: { 'aws:SecureTransport': 'false' } },
      { ...call, context: { 's3:TlsVersion': '1.1' } },
    ]);
    expect(plain.length).toBeGreaterThan(100);
    expect(allowed(plain, policies)).toEqual([]);
  });

  test('mails are sent under the deployment’s own name', () => {
    const mails = needed.filter(({ action }) => action === 'ses:SendRawEmail');
    expect(mails).toHaveLength(2);
    const forged = mails.map((call) => ({ ...call, context: { 'ses:FromAddress': 'boss@example.com' } }));
    expect(allowed(forged, policies)).toEqual([]);
  });

  test('each role is taken by one service, for this account', () => {
    const trust = resourcesOf(cell.foundation, 'AWS::IAM::Role').map(
      ({ AssumeRolePolicyDocument }) => AssumeRolePolicyDocument,
    );
    // All but the mailer, who is a user.
    expect(trust).toHaveLength(identitiesOf(cell).length - 1);
    for (const { Statement } of trust)
      expect(Statement).toEqual([
        {
          Effect: 'Allow',
          Action: 'sts:AssumeRole',
          Principal: { Service: expect.stringMatching(/^(sagemaker|ecs-tasks)\.amazonaws\.com$/) },
          Condition: { StringEquals: { 'aws:SourceAccount': ACCOUNT } },
        },
      ]);
    expect(resourceOf(cell.foundation, 'AWS::IAM::User').LoginProfile).toBeUndefined();
  });
});

test.each(['worker', 'server'] as const)('every command that the sources of the %s send is in the table', (program) => {
  const commands = program === 'worker' ? workerCommands('spaceportdev', ['b']) : serverCommands('spaceportdev', ['b']);
  const known = new Set<string>(commands.map(({ name }) => name));
  const sent = commandsInSources(program);
  expect(sent.length).toBeGreaterThan(15);
  expect(sent.filter(({ name }) => !known.has(name))).toEqual([]);
  const names = new Set(sent.map(({ name }) => name));
  expect([...known].filter((name) => !names.has(name))).toEqual([]);
});

/** Every statement of a template, wherever it stands. */
const allStatements = (template: Template): { Type: string; statement: Statement }[] =>
  Object.values(template.Resources).flatMap(({ Type, Properties = {} }) => {
    const { KeyPolicy, PolicyDocument, Policies = [] } = Properties;
    const documents = [KeyPolicy, PolicyDocument, ...Policies.map((policy: Json) => policy.PolicyDocument)];
    return documents.flatMap((document) => {
      if (document === undefined) return [];
      const { Statement } = typeof document === 'string' ? JSON.parse(document) : document;
      return Statement.map((statement: Statement) => ({ Type, statement }));
    });
  });

test('no statement has a wildcard action but that of the account in the policy of its key, and each wildcard resource has a reason', () => {
  const statements = cells.flatMap(({ foundation, service }) => [foundation, service].flatMap(allStatements));
  expect(statements.length).toBeGreaterThan(100);
  const wild = statements.filter(
    ({ statement }) => statement.Effect === 'Allow' && listOf(statement.Action).some((action) => action.includes('*')),
  );
  expect(wild.map(({ Type, statement }) => [Type, statement.Action, statement.Sid])).toEqual(
    wild.map(() => ['AWS::KMS::Key', 'kms:*', 'Account']),
  );
  expect(wild).toHaveLength(cells.length);
  const unbounded = statements
    .filter(({ Type, statement }) => Type !== 'AWS::KMS::Key' && listOf(statement.Resource).includes('*'))
    .filter(({ statement }) => statement.Effect === 'Allow')
    .flatMap(({ statement }) => listOf(statement.Action));
  expect([...new Set(unbounded)].sort()).toEqual(Object.keys(WILDCARD_REASONS).sort());
});
