import { readFileSync } from 'node:fs';
import path from 'node:path';
import { LOAD_BALANCER_IDLE_SECONDS, WORKER_SHUTDOWN_SECONDS } from '../../contracts/deployment/times';
import { CLOSED_PREFIXES, layout } from '../../contracts/storage/layout';
import { UPLOAD_DAYS } from '../../contracts/storage/retention';
import { destinationsOf, type Caller } from '../../infra/lib/foundation/destinations';
import { STAGE_SIZE } from '../../infra/lib/settings';
import { createLogsClient, createS3Client, createSageMakerClient } from '../../platform/aws-clients';
import { readConfig, readTemporalConfig, type Config } from '../../platform/config';
import { exposureProblems } from '../../server/access/exposure';
import { emfMetricsOf, publisherOf } from '../server/metrics/cloudwatch';
import { prometheusCondition } from './alert-condition';
import { cellSettings, stageSettings } from './cell-settings';
import type { Json } from './iam/template';
import { containerOf, environmentOf, SECRET_VALUES, serviceName } from './program-environment';
import { ACCOUNT, resourceOf, resourcesOf, synthesise } from './synthesis';

const { account, cells, written } = synthesise();

const read = (file: string): string => readFileSync(path.join(__dirname, '../..', file), 'utf8');

test('the budget stands once in the account, and mails the operators before it is spent', () => {
  expect([...written.values()].flatMap((template) => resourcesOf(template, 'AWS::Budgets::Budget'))).toHaveLength(1);
  const { Budget, NotificationsWithSubscribers } = resourceOf(account, 'AWS::Budgets::Budget');
  expect(Budget).toMatchObject({ BudgetType: 'COST', TimeUnit: 'MONTHLY', BudgetLimit: { Amount: 1000, Unit: 'USD' } });
  expect(NotificationsWithSubscribers).toHaveLength(4);
  for (const { Subscribers } of NotificationsWithSubscribers)
    expect(Subscribers).toEqual([{ SubscriptionType: 'EMAIL', Address: 'operator@example.com' }]);
});

test('each region is a cell of its own: no stack reads another region’s, and no name is taken twice', () => {
  expect(cells.map(({ deployment, region }) => `${deployment} ${region}`).sort()).toEqual([
    'spaceportdev us-west-2',
    'spaceportprod eu-central-1',
    'spaceportprod us-west-2',
  ]);
  for (const { foundation, service, region } of cells) {
    const text = JSON.stringify([foundation, service]);
    for (const other of cells) if (other.region !== region) expect(text).not.toContain(other.region);
  }
  const global = cells.flatMap(({ foundation }) => [
    ...resourcesOf(foundation, 'AWS::S3::Bucket').map(({ BucketName }) => BucketName),
    ...resourcesOf(foundation, 'AWS::IAM::Role').map(({ RoleName }) => RoleName),
  ]);
  // One role more starts a Temporal server.
  expect(global.length).toBe(7 * cells.length + cells.filter(({ temporal }) => temporal !== null).length);
  expect(new Set(global).size).toBe(global.length);
});

test('SageMaker’s log groups, which never expire by themselves, are kept for a time, once a region', () => {
  for (const region of ['us-west-2', 'eu-central-1']) {
    const groups = resourcesOf(written.get(`spaceport-${region}-logs`)!, 'AWS::Logs::LogGroup');
    expect(groups.map(({ LogGroupName }) => LogGroupName)).toEqual([
      '/aws/sagemaker/ProcessingJobs',
      '/aws/sagemaker/TrainingJobs',
    ]);
    for (const { RetentionInDays } of groups) expect(RetentionInDays).toBe(30);
  }
});

describe.each(cells.map((cell) => [`${cell.deployment} in ${cell.region}`, cell] as const))('%s', (_name, cell) => {
  const { foundation, service, deployment, region } = cell;
  const size = STAGE_SIZE[stageSettings(cell).name];

  test('both programs take the environment that they are given', () => {
    const config = readConfig(environmentOf(cell, 'server'));
    expect(exposureProblems(config)).toEqual([]);
    expect(config).toMatchObject({
      deployment,
      region,
      bucket: `${deployment}-${region}-${ACCOUNT}`,
      roleArn: `arn:aws:iam::${ACCOUNT}:role/${deployment}-${region}-machine`,
      kmsKeyArn: cell.policies.resources.find(({ kind }) => kind === 'key')!.arn,
      rentsMachines: true,
      http: { host: '0.0.0.0', port: 3000, trustedProxies: 1 },
      database: { kind: 'postgres', ca: SECRET_VALUES.DATABASE_CA },
    });
    expect(readConfig(environmentOf(cell, 'worker'))).toMatchObject({
      deployment,
      images: config.images,
      buildId: stageSettings(cell).imageTag,
    });
    expect(config.payloadKeys).not.toBeNull();
    for (const image of Object.values(config.images)) {
      const [, repository = ''] = /amazonaws\.com\/(.+):[^:]+$/.exec(image) ?? [];
      expect(resourceOf(foundation, 'AWS::ECR::Repository', repository)).toMatchObject({
        ImageTagMutability: 'IMMUTABLE',
        ImageScanningConfiguration: { ScanOnPush: true },
      });
    }
  });

  test('workers of each build that still has jobs run beside those of the current one', () => {
    const { imageTag, drainingImageTags = [] } = stageSettings(cell);
    const builds = resourcesOf(service, 'AWS::ECS::TaskDefinition').flatMap(({ ContainerDefinitions: [container] }) =>
      container.Environment.filter(({ Name }: Json) => Name === 'SPACEPORT_BUILD_ID').map(({ Value }: Json) => ({
        build: Value,
        image: container.Image.split(':').at(-1),
      })),
    );
    expect(builds).toEqual([imageTag, ...drainingImageTags].map((build) => ({ build, image: build })));
    expect(resourcesOf(service, 'AWS::ECS::Service')).toHaveLength(1 + builds.length);
  });

  test('no secret stands in a template', () => {
    const open = (program: string): string[] => containerOf(cell, program).Environment.map(({ Name }: Json) => Name);
    for (const program of ['server', 'worker'])
      expect(open(program).filter((name) => /KEY$|SECRET|PASSWORD|MAIL_URL|HASH/.test(name))).toEqual([]);
    expect(environmentOf(cell, 'server').DATABASE_URL).toMatch(/^postgres:\/\/spaceport@/);
  });

  test('the bucket is closed and encrypted with our own key', () => {
    for (const bucket of resourcesOf(foundation, 'AWS::S3::Bucket'))
      expect(bucket.PublicAccessBlockConfiguration).toEqual({
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      });
    const [rule] = theBucket().BucketEncryption.ServerSideEncryptionConfiguration;
    expect(rule.ServerSideEncryptionByDefault).toEqual({
      SSEAlgorithm: 'aws:kms',
      KMSMasterKeyID: cell.policies.resources.find(({ kind }) => kind === 'key')!.arn,
    });
    expect(rule.BucketKeyEnabled).toBe(true);
    const [cors] = theBucket().CorsConfiguration.CorsRules;
    expect(cors.AllowedOrigins).toEqual([readConfig(environmentOf(cell, 'server')).publicUrl]);
    expect(cors.ExposedHeaders).toContain('ETag');
  });

  test('S3 deletes nothing that the product still knows of, and what is unfinished only after the product has', () => {
    const { Rules } = theBucket().LifecycleConfiguration;
    expect(
      Rules.filter((rule: Json) => rule.ExpirationInDays !== undefined || rule.ExpirationDate !== undefined),
    ).toEqual([]);
    const parts = Rules.filter((rule: Json) => rule.AbortIncompleteMultipartUpload !== undefined);
    expect(parts.map(({ Prefix }: Json) => Prefix).sort()).toEqual([layout.jobsPrefix, layout.uploadsPrefix]);
    for (const { AbortIncompleteMultipartUpload } of parts)
      expect(AbortIncompleteMultipartUpload.DaysAfterInitiation).toBeGreaterThan(UPLOAD_DAYS);
    const known = [...CLOSED_PREFIXES, layout.uploadsPrefix] as string[];
    for (const { Prefix } of Rules) if (Prefix !== undefined) expect(known).toContain(Prefix);
    expect(
      Rules.some((rule: Json) => rule.Prefix === undefined && rule.NoncurrentVersionExpiration !== undefined),
    ).toBe(true);
  });

  const theBucket = () => resourceOf(foundation, 'AWS::S3::Bucket', `${deployment}-${region}-${ACCOUNT}`);

  test('a program has time to end, and the load balancer lets go of a connection before the server does', () => {
    const stop = (program: string): number => containerOf(cell, program).StopTimeout;
    expect(stop('worker')).toBeGreaterThan(WORKER_SHUTDOWN_SECONDS);
    for (const program of ['server', 'worker']) expect(stop(program)).toBeLessThanOrEqual(120);
    const { LoadBalancerAttributes } = resourceOf(service, 'AWS::ElasticLoadBalancingV2::LoadBalancer');
    expect(LoadBalancerAttributes).toContainEqual({
      Key: 'idle_timeout.timeout_seconds',
      Value: String(LOAD_BALANCER_IDLE_SECONDS),
    });
  });

  test('two or more of each program run, without a public address, a writable disk or root', () => {
    for (const program of ['server', 'worker']) {
      const found = resourceOf(service, 'AWS::ECS::Service', serviceName(cell, program));
      expect(found.DesiredCount).toBeGreaterThanOrEqual(2);
      expect(found.NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp).toBe('DISABLED');
      expect(containerOf(cell, program)).toMatchObject({ ReadonlyRootFilesystem: true, User: 'node' });
    }
  });

  test('people reach it by TLS alone', () => {
    const listeners = resourcesOf(service, 'AWS::ElasticLoadBalancingV2::Listener');
    const byPort = Object.fromEntries(listeners.map((listener) => [listener.Port, listener]));
    expect(Object.keys(byPort).sort()).toEqual(['443', '80']);
    expect(byPort[443]).toMatchObject({ Protocol: 'HTTPS', SslPolicy: expect.stringContaining('TLS13') });
    expect(byPort[80]!.DefaultActions).toEqual([
      { Type: 'redirect', RedirectConfig: { Port: '443', Protocol: 'HTTPS', StatusCode: 'HTTP_301' } },
    ]);
  });

  test('databases are closed, encrypted, and ask for TLS', () => {
    const sizes = { database: size.database, ...(cell.temporal && { 'temporal-database': size.temporal.database }) };
    for (const [name, { multiAz, backupDays }] of Object.entries(sizes))
      expect(resourceOf(foundation, 'AWS::RDS::DBInstance', `${deployment}-${name}`)).toMatchObject({
        PubliclyAccessible: false,
        StorageEncrypted: true,
        MultiAZ: multiAz,
        DeletionProtection: size.isKept,
        BackupRetentionPeriod: backupDays,
      });
    const parameters = resourcesOf(foundation, 'AWS::RDS::DBParameterGroup').map(({ Parameters }) => Parameters);
    expect(parameters).toEqual(Object.keys(sizes).map(() => ({ 'rds.force_ssl': '1' })));
  });

  const alarms = resourcesOf(service, 'AWS::CloudWatch::Alarm');
  const productAlarms = alarms.filter(({ Namespace }) => Namespace === 'Spaceport');

  test('every alarm says what silence means, and tells the operators when it begins and ends', () => {
    const topic = [`arn:aws:sns:${region}:${ACCOUNT}:${deployment}-alarms`];
    for (const alarm of alarms) {
      expect(['missing', 'breaching', 'notBreaching', 'ignore']).toContain(alarm.TreatMissingData);
      expect(alarm).toMatchObject({ AlarmActions: topic, OKActions: topic });
    }
    const described = [...read('docs/aws.md').matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, name]) => name);
    const names = alarms.map(({ AlarmName }) => (AlarmName as string).slice(`${deployment}-`.length));
    expect(names.length).toBeGreaterThan(5);
    for (const name of names) expect(described).toContain(name);
    // Of the metrics of our own, each alarm's is one that is really counted.
    const counted = resourcesOf(service, 'AWS::Logs::MetricFilter').flatMap(({ MetricTransformations }) =>
      MetricTransformations.map((metric: Json) => `${metric.MetricNamespace} ${metric.MetricName}`),
    );
    const own = alarms.filter(({ Namespace }) => Namespace.startsWith('Spaceport/'));
    expect(own.length).toBeGreaterThan(0);
    for (const { Namespace, MetricName } of own) expect(counted).toContain(`${Namespace} ${MetricName}`);
  });

  test('alarms on the product look at exactly what its server tells, in the environment that it is given', async () => {
    const { metrics, deployment: told } = readConfig(environmentOf(cell, 'server'));
    const { publisher, lines } = publisherOf({ namespace: metrics.cloudWatchNamespace!, deployment: told });
    await publisher.publish();
    const known = lines.flatMap(emfMetricsOf).map(({ namespace, name, dimensions }) => ({
      namespace,
      name,
      dimensions,
    }));
    const watched = productAlarms.map(({ Namespace, MetricName, Dimensions }) => ({
      namespace: Namespace,
      name: MetricName,
      dimensions: Object.fromEntries(Dimensions.map(({ Name, Value }: Json) => [Name, Value])),
    }));
    const byName = (some: { name: string }[]) => some.toSorted((x, y) => x.name.localeCompare(y.name));
    expect(byName(watched)).toEqual(byName(known));
  });

  test('alarms on the product begin where the alerts of Prometheus do; what a day may cost is a setting', () => {
    const conditions = Object.fromEntries(
      productAlarms.map((alarm) => {
        const minutes = alarm.Statistic === 'Minimum' ? (alarm.EvaluationPeriods * alarm.Period) / 60 : 0;
        return [alarm.AlarmName.slice(`${deployment}-`.length), { above: alarm.Threshold, minutes }];
      }),
    );
    expect(conditions).toEqual({
      'jobs-failing': prometheusCondition('SpaceportJobsFail'),
      'capacity-missing': prometheusCondition('SpaceportCapacityMissing'),
      'upkeep-stopped': prometheusCondition('SpaceportUpkeepStopped'),
      'spend-high': { ...prometheusCondition('SpaceportSpendHigh'), above: stageSettings(cell).spendUsdPerDay },
      'queue-behind': prometheusCondition('SpaceportQueueBehind'),
      'index-behind': prometheusCondition('SpaceportIndexBehind'),
    });
  });

  test('logs are kept for a time and no longer', () => {
    const groups = resourcesOf(foundation, 'AWS::Logs::LogGroup');
    expect(groups).toHaveLength(cell.temporal === null ? 3 : 4);
    for (const { RetentionInDays } of groups) expect(RetentionInDays).toBe(size.logDays);
  });

  test('every host that a program talks to has a route and a rule that lets it out', async () => {
    const config = (program: string): Config => readConfig(environmentOf(cell, program));
    const sdkHosts = await Promise.all(
      [createS3Client, createSageMakerClient, createLogsClient].map(async (create) => {
        const client = create(config('worker'));
        const { endpointProvider } = client.config as Json;
        const { url } = endpointProvider({ Region: region, UseFIPS: false, UseDualStack: false });
        client.destroy();
        return (url as URL).hostname;
      }),
    );
    const contacted = [...sdkHosts, new URL(SECRET_VALUES.SPACEPORT_MAIL_URL!).hostname.replace('us-west-2', region)];
    const destinations = destinationsOf(cellSettings(cell));
    const known = destinations.flatMap(({ host }) => (host === null ? [] : [host(region)]));
    expect(contacted.filter((host) => !known.includes(host))).toEqual([]);

    const services = resourcesOf(foundation, 'AWS::EC2::VPCEndpoint').map(({ ServiceName }) => ServiceName as string);
    for (const { endpoint, route } of destinations) {
      if (route === 'gateway') expect(services).toContain(`com.amazonaws.${region}.s3`);
      if (endpoint !== undefined)
        expect(services.includes(`com.amazonaws.${region}.${endpoint}`)).toBe(size.interfaceEndpoints);
    }
    // Every private subnet has a way out, for what no endpoint serves.
    const nat = resourcesOf(foundation, 'AWS::EC2::Route').filter(({ NatGatewayId }) => NatGatewayId !== undefined);
    expect(nat).toHaveLength(size.zones);
    const callers: Caller[] = ['server', 'worker', ...(cell.temporal === null ? [] : (['temporal'] as const))];
    for (const caller of callers) {
      const ports = egressPorts(caller);
      const wanted = destinations.filter((destination) => destination.callers.includes(caller)).map(({ port }) => port);
      expect([...ports].sort()).toEqual([...new Set(wanted)].sort());
      if (caller !== 'temporal') expect(ports).toContain(Number(config(caller).temporalAddress.split(':')[1]));
    }
  });

  /** Ports that a caller's security group lets out. */
  function egressPorts(caller: Caller): Set<number> {
    const description = { server: 'API and pages', worker: 'Workers', temporal: 'Temporal' }[caller];
    const [id, group] = Object.entries(foundation.Resources).find(
      ([, { Type, Properties = {} }]) =>
        Type === 'AWS::EC2::SecurityGroup' && Properties.GroupDescription === description,
    )!;
    const inline = (group.Properties!.SecurityGroupEgress ?? []).map(({ FromPort }: Json) => FromPort);
    const apart = resourcesOf(foundation, 'AWS::EC2::SecurityGroupEgress')
      .filter(({ GroupId }) => GroupId === `<${id}.GroupId>`)
      .map(({ FromPort }) => FromPort);
    return new Set([...inline, ...apart]);
  }

  test('what machines go through and which mails come back is written down', () => {
    const rules = resourcesOf(foundation, 'AWS::Events::Rule');
    const sources = rules.map(({ EventPattern }) => EventPattern.source[0]).sort();
    expect(sources).toEqual(['aws.sagemaker', 'aws.sagemaker', 'aws.ses']);
    for (const { EventPattern } of rules.filter(({ EventPattern: { source } }) => source[0] === 'aws.sagemaker'))
      expect(Object.values(EventPattern.detail)).toEqual([[{ prefix: `${deployment}-` }]]);
    for (const { Targets } of rules)
      expect(Targets[0].Arn).toBe(`arn:aws:logs:${region}:${ACCOUNT}:log-group:/aws/events/${deployment}-events`);
  });
});

describe('a Temporal server of the cell’s own', () => {
  const cell = cells.find(({ temporal }) => temporal !== null)!;
  const { foundation, service } = cell;
  const temporal = cell.temporal!;
  const containers: Record<string, Json> = Object.fromEntries(
    resourceOf(temporal, 'AWS::ECS::TaskDefinition').ContainerDefinitions.map((found: Json) => [found.Name, found]),
  );
  const variablesOf = (name: string): Record<string, string> =>
    Object.fromEntries(containers[name].Environment.map(({ Name, Value }: Json) => [Name, Value]));

  test('makes its tables before it starts, and its namespace afterwards, at every start', () => {
    expect(containers['set-up']).toMatchObject({ Essential: false, Command: ['sh', 'docker/temporal/set-up.sh'] });
    expect(containers.temporal).toMatchObject({
      Essential: true,
      DependsOn: [{ ContainerName: 'set-up', Condition: 'SUCCESS' }],
    });
    expect(containers.register).toMatchObject({
      Essential: false,
      Command: ['node', 'dist/workers/register/main.js'],
      DependsOn: [{ ContainerName: 'temporal', Condition: 'HEALTHY' }],
    });
    for (const { ReadonlyRootFilesystem, User } of Object.values(containers)) {
      expect(ReadonlyRootFilesystem).toBe(true);
      expect(User).toMatch(/^(temporal|node)$/);
    }
  });

  test('is told in variables that it reads, and nothing secret openly', () => {
    const readByTemporal = ['set-up.sh', 'server.yaml', 'start.sh']
      .map((file) => read(`docker/temporal/${file}`))
      .join();
    for (const name of ['set-up', 'temporal']) {
      const secret = containers[name].Secrets.map(({ Name }: Json) => Name);
      for (const variable of [...Object.keys(variablesOf(name)), ...secret]) expect(readByTemporal).toContain(variable);
      expect(Object.keys(variablesOf(name)).filter((variable) => /PASSWORD|_CA$/.test(variable))).toEqual([]);
    }
    expect(containers.register.Secrets).toEqual([]);
    expect(readTemporalConfig(variablesOf('register')).temporalNamespace).toBe(
      readConfig(environmentOf(cell, 'worker')).temporalNamespace,
    );
  });

  test('is found by programs under the name that it is given, at the port that it listens at', () => {
    const { Name: zone } = resourceOf(foundation, 'AWS::ServiceDiscovery::PrivateDnsNamespace');
    const { Name: name } = resourceOf(temporal, 'AWS::ServiceDiscovery::Service');
    const [{ ContainerPort: port }] = containers.temporal.PortMappings;
    for (const program of ['server', 'worker'])
      expect(readConfig(environmentOf(cell, program)).temporalAddress).toBe(`${name}.${zone}:${port}`);
    expect(environmentOf(cell, 'worker').TEMPORAL_API_KEY).toBeUndefined();
    expect(resourceOf(temporal, 'AWS::ECS::Service').DesiredCount).toBe(
      STAGE_SIZE[stageSettings(cell).name].temporal.servers,
    );
  });

  test('is called by server and workers at its frontend’s port alone, and by others of its kind', () => {
    const idOf = (description: string): string =>
      Object.entries(foundation.Resources).find(
        ([, { Properties = {} }]) => Properties.GroupDescription === description,
      )![0];
    const temporalGroup = `<${idOf('Temporal')}.GroupId>`;
    const ports = resourcesOf(foundation, 'AWS::EC2::SecurityGroupIngress')
      .filter(({ GroupId }) => GroupId === temporalGroup)
      .map(({ SourceSecurityGroupId, FromPort }) => [SourceSecurityGroupId, FromPort] as const);
    const from = (group: string): number[] =>
      ports
        .filter(([source]) => source === group)
        .map(([, port]) => port)
        .sort();
    expect(from(`<${idOf('API and pages')}.GroupId>`)).toEqual([7233]);
    expect(from(`<${idOf('Workers')}.GroupId>`)).toEqual([7233]);
    expect(from(temporalGroup)).toEqual([7233, 7234, 7235, 7236, 7333, 7334, 7335, 7336]);
    expect(ports).toHaveLength(10);
  });

  test('is watched', () => {
    const names = resourcesOf(service, 'AWS::CloudWatch::Alarm').map(({ AlarmName }) => AlarmName as string);
    expect(names).toEqual(
      expect.arrayContaining([`${cell.deployment}-temporal-gone`, `${cell.deployment}-temporal-database-full`]),
    );
  });
});
