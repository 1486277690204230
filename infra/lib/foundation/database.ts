import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { InstanceType, SubnetType } from 'aws-cdk-lib/aws-ec2';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  CaCertificate,
  Credentials,
  DatabaseInstance,
  DatabaseInstanceEngine,
  PostgresEngineVersion,
  StorageType,
} from 'aws-cdk-lib/aws-rds';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { Cell } from '../cell';
import type { Network } from './network';

const DATABASE_NAME = 'spaceport';
const USER = 'spaceport';
const LARGEST_FACTOR = 10;

/** PostgreSQL for the server: what it holds can be made anew of the bucket, but for sessions. */
export class Database extends Construct {
  readonly instance: DatabaseInstance;
  /** `DATABASE_URL` without the password. */
  readonly url: string;
  readonly password: ISecret;

  constructor(scope: Construct, cell: Cell, { network, key }: { network: Network; key: IKey }) {
    super(scope, 'Database');
    const { database, isKept } = cell.size;
    const credentials = Credentials.fromGeneratedSecret(USER, {
      secretName: cell.names.secret('database'),
      encryptionKey: key,
    });
    this.instance = new DatabaseInstance(this, 'Instance', {
      instanceIdentifier: cell.names.regional('database'),
      engine: DatabaseInstanceEngine.postgres({ version: PostgresEngineVersion.VER_17 }),
      instanceType: new InstanceType(database.instance),
      vpc: network.vpc,
      vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED },
      securityGroups: [network.database],
      publiclyAccessible: false,
      databaseName: DATABASE_NAME,
      credentials,
      caCertificate: CaCertificate.RDS_CA_RSA2048_G1,
      parameters: { 'rds.force_ssl': '1' },
      multiAz: database.multiAz,
      storageType: StorageType.GP3,
      allocatedStorage: database.storageGb,
      maxAllocatedStorage: database.storageGb * LARGEST_FACTOR,
      storageEncrypted: true,
      storageEncryptionKey: key,
      backupRetention: Duration.days(database.backupDays),
      copyTagsToSnapshot: true,
      deletionProtection: isKept,
      removalPolicy: isKept ? RemovalPolicy.SNAPSHOT : RemovalPolicy.DESTROY,
      autoMinorVersionUpgrade: true,
    });
    const { secret } = this.instance;
    if (secret === undefined) throw new Error('the database has no password of its own');
    this.password = secret;
    const { hostname, port } = this.instance.instanceEndpoint;
    this.url = `postgres://${USER}@${hostname}:${port}/${DATABASE_NAME}`;
  }
}
