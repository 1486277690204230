import { RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { secretsOfCell, type Cell, type SecretName } from '../cell';

/** Secrets that CloudFormation makes up; the others begin with a value that no program takes, and a person fills them. */
const MADE_UP: readonly SecretName[] = ['webhook-secret', 'webhook-master-key'];

const WHAT: Readonly<Record<SecretName, string>> = {
  'temporal-api-key': 'API key of the namespace in Temporal Cloud',
  'mail-url': 'SPACEPORT_MAIL_URL: the mail server, with user and password',
  'webhook-secret': 'Key of the signatures of webhooks',
  'webhook-master-key': 'That the secrets of webhook endpoints derive from: never change it',
  'admin-key-hash': 'SHA-256 of the operator key of the API',
  'database-ca': 'Certificates that the database server is checked against',
  'payload-keys': 'Keys that encrypt what Temporal stores: without them open jobs cannot continue',
};

/** What programs are told in secret. */
export class Secrets extends Construct {
  private readonly secrets: ReadonlyMap<SecretName, Secret>;

  constructor(scope: Construct, cell: Cell, key: IKey) {
    super(scope, 'Secrets');
    const entries = secretsOfCell(cell.settings).map((name): [SecretName, Secret] => [
      name,
      new Secret(this, name, {
        secretName: cell.names.secret(name),
        description: MADE_UP.includes(name) ? WHAT[name] : `${WHAT[name]}; to be put in`,
        encryptionKey: key,
        generateSecretString: { passwordLength: 48, excludePunctuation: true },
        removalPolicy: cell.size.isKept ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      }),
    ]);
    this.secrets = new Map(entries);
  }

  /** Throws Error where the cell has no such secret. */
  arnOf(name: SecretName): string {
    const secret = this.secrets.get(name);
    if (secret === undefined) throw new Error(`the cell has no secret ${name}`);
    return secret.secretArn;
  }
}
