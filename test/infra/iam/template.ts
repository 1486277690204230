import { listOf, type Policies, type ResourcePolicy, type Statement } from './policy';

/** Properties of a resource, which tests look at freely. */
export type Json = ReturnType<typeof JSON.parse>;

export interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, Json>>;
  readonly [more: string]: unknown;
}

/** A template of CloudFormation as CDK writes it. */
export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs?: Readonly<
    Record<string, { readonly Value: unknown; readonly Export?: { readonly Name: unknown } }>
  >;
}

export interface Place {
  readonly region: string;
  readonly account: string;
  /** What other stacks of the region export, by name. */
  readonly imports?: Readonly<Record<string, unknown>>;
}

/** Property that is the name of a thing which `Ref` and ARNs speak of. */
const NAME: Readonly<Record<string, string>> = {
  'AWS::S3::Bucket': 'BucketName',
  'AWS::IAM::Role': 'RoleName',
  'AWS::IAM::User': 'UserName',
  'AWS::Logs::LogGroup': 'LogGroupName',
  'AWS::SecretsManager::Secret': 'Name',
  'AWS::ECR::Repository': 'RepositoryName',
  'AWS::SNS::Topic': 'TopicName',
};

const REF_IS_ARN: readonly string[] = ['AWS::SecretsManager::Secret', 'AWS::SNS::Topic'];

/** Attributes that programs are told, and read as what they are. */
const MADE_UP: Readonly<Record<string, string>> = {
  'Endpoint.Address': 'database.example.com',
  'Endpoint.Port': '5432',
};

/** The resources and outputs of a template, every intrinsic function replaced by the value that AWS would put there. */
export function resolved(template: Template, place: Place): Template {
  const { Resources, Outputs = {} } = template;
  return resolve({ Resources, Outputs }, template, place) as Template;
}

function resolve(value: unknown, template: Template, place: Place): unknown {
  if (Array.isArray(value)) return value.map((entry) => resolve(entry, template, place));
  if (typeof value !== 'object' || value === null) return value;
  const [first = ['', null], ...others] = Object.entries(value);
  const [key, argument] = first;
  const again = (inner: unknown): Json => resolve(inner, template, place);
  if (others.length === 0) {
    if (key === 'Ref') return refOf(argument as string, template, place);
    if (key === 'Fn::GetAtt') {
      const [id = '', attribute = ''] = argument as string[];
      return attributeOf(id, attribute, template, place);
    }
    if (key === 'Fn::Join') {
      const [separator, parts] = argument as [string, unknown];
      return (again(parts) as unknown[]).join(separator);
    }
    if (key === 'Fn::Select') {
      const [index, list] = argument as [number | string, unknown];
      return again(list)[Number(index)];
    }
    if (key === 'Fn::Split') {
      const [separator, text] = argument as [string, unknown];
      return (again(text) as string).split(separator);
    }
    if (key === 'Fn::GetAZs') return ['a', 'b', 'c'].map((zone) => place.region + zone);
    if (key === 'Fn::ImportValue') {
      const found = place.imports?.[again(argument) as string];
      if (found === undefined) throw new Error(`nothing exports ${JSON.stringify(argument)}`);
      return found;
    }
    if (key.startsWith('Fn::')) throw new Error(`${key} is not known here`);
  }
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, again(inner)]));
}

function refOf(id: string, template: Template, place: Place): unknown {
  const pseudo: Readonly<Record<string, string>> = {
    'AWS::AccountId': place.account,
    'AWS::Region': place.region,
    'AWS::Partition': 'aws',
    'AWS::URLSuffix': 'amazonaws.com',
  };
  if (pseudo[id] !== undefined) return pseudo[id];
  const resource = template.Resources[id];
  if (resource === undefined) return `<${id}>`;
  if (REF_IS_ARN.includes(resource.Type)) return arnOf(id, resource, template, place);
  return nameOf(id, resource, template, place);
}

const nameOf = (id: string, { Type, Properties = {} }: Resource, template: Template, place: Place): string =>
  String(resolve(Properties[NAME[Type] ?? ''] ?? `<${id}>`, template, place));

function attributeOf(id: string, attribute: string, template: Template, place: Place): unknown {
  const resource = template.Resources[id];
  if (resource === undefined) throw new Error(`there is no ${id}`);
  if (attribute === 'Arn' || attribute === 'TopicArn') return arnOf(id, resource, template, place);
  return MADE_UP[attribute] ?? `<${id}.${attribute}>`;
}

function arnOf(id: string, resource: Resource, template: Template, place: Place): string {
  const name = nameOf(id, resource, template, place);
  const { region, account } = place;
  switch (resource.Type) {
    case 'AWS::S3::Bucket':
      return `arn:aws:s3:::${name}`;
    case 'AWS::IAM::Role':
      return `arn:aws:iam::${account}:role/${name}`;
    case 'AWS::IAM::User':
      return `arn:aws:iam::${account}:user/${name}`;
    case 'AWS::KMS::Key':
      return `arn:aws:kms:${region}:${account}:key/${id}`;
    case 'AWS::Logs::LogGroup':
      return `arn:aws:logs:${region}:${account}:log-group:${name}:*`;
    case 'AWS::SecretsManager::Secret':
      return `arn:aws:secretsmanager:${region}:${account}:secret:${name}-AbCdEf`;
    case 'AWS::ECR::Repository':
      return `arn:aws:ecr:${region}:${account}:repository/${name}`;
    case 'AWS::SNS::Topic':
      return `arn:aws:sns:${region}:${account}:${name}`;
    default:
      return `<${id}.Arn>`;
  }
}

/** What a resolved template exports. */
export const exportsOf = ({ Outputs = {} }: Template): Record<string, unknown> =>
  Object.fromEntries(
    Object.values(Outputs).flatMap(({ Value, Export }) =>
      Export === undefined ? [] : [[String(Export.Name), Value] as const],
    ),
  );

/** All policies of a resolved template. Throws Error where one hangs at nothing that is known. */
export function policiesOf(template: Template, place: Place): Policies {
  const entries = Object.entries(template.Resources);
  const identities = new Map<string, readonly Statement[]>();
  const resources: ResourcePolicy[] = [];
  const statementsOf = (document: { readonly Statement: readonly Statement[] }): readonly Statement[] =>
    document.Statement;
  for (const [id, resource] of entries) {
    const { Type, Properties = {} } = resource;
    const arn = arnOf(id, resource, template, place);
    if (Type === 'AWS::IAM::Role' || Type === 'AWS::IAM::User') {
      if (listOf(Properties.ManagedPolicyArns).length > 0) throw new Error(`${id} has a policy of AWS's making`);
      const own = (Properties.Policies ?? []) as { PolicyDocument: { Statement: Statement[] } }[];
      identities.set(
        arn,
        own.flatMap(({ PolicyDocument }) => statementsOf(PolicyDocument)),
      );
    } else if (Type === 'AWS::IAM::Policy' || Type === 'AWS::IAM::ManagedPolicy') {
      throw new Error(`${id} gives rights beside the hand-written ones`);
    } else if (Type === 'AWS::KMS::Key') {
      resources.push({ kind: 'key', arn, statements: statementsOf(Properties.KeyPolicy) });
    } else if (Type === 'AWS::S3::BucketPolicy') {
      const statements = statementsOf(Properties.PolicyDocument);
      resources.push({ kind: 'bucket', arn: `arn:aws:s3:::${Properties.Bucket}`, statements });
    } else if (Type === 'AWS::SNS::TopicPolicy') {
      for (const topic of Properties.Topics)
        resources.push({ kind: 'other', arn: topic, statements: statementsOf(Properties.PolicyDocument) });
    }
  }
  return { account: place.account, identities, resources };
}
