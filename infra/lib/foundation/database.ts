import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { InstanceType, SubnetType, type ISecurityGroup, type IVpc } from 'aws-cdk-lib/aws-ec2';
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
import type { Cell, DatabaseSecretName } from '../cell';
import type { DatabaseSize } from '../settings';

const LARGEST_FACTOR = 10;

export interface DatabaseProps {
  /** Of the instance, and of its password's secret. */
  readonly name: DatabaseSecretName;
  readonly user: string;
  /** Made with the instance; not set = whoever uses it makes its own. */
  readonly databaseName?: string;
  readonly size: DatabaseSize;
  readonly vpc: IVpc;
  readonly securityGroup: ISecurityGroup;
  readonly key: IKey;
}

/** PostgreSQL of RDS, which asks for TLS. */
export class Database extends Construct {
  readonly instance: DatabaseInstance;
  readonly password: ISecret;

  constructor(scope: Construct, id: string, cell: Cell, props: DatabaseProps) {
    super(scope, id);
    const { name, user, databaseName, size, vpc, securityGroup, key } = props;
    const { isKept } = cell.size;
    const credentials = Credentials.fromGeneratedSecret(user, {
      secretName: cell.names.secret(name),
      encryptionKey: key,
    });
    this.instance = new DatabaseInstance(this, 'Instance', {
      instanceIdentifier: cell.names.regional(name),
      engine: DatabaseInstanceEngine.postgres({ version: PostgresEngineVersion.VER_17 }),
      instanceType: new InstanceType(size.instance),
      vpc,
      vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED },
      securityGroups: [securityGroup],
      publiclyAccessible: false,
      ...(databaseName !== undefined && { databaseName }),
      credentials,
      caCertificate: CaCertificate.RDS_CA_RSA2048_G1,
      parameters: { 'rds.force_ssl': '1' },
      multiAz: size.multiAz,
      storageType: StorageType.GP3,
      allocatedStorage: size.storageGb,
      maxAllocatedStorage: size.storageGb * LARGEST_FACTOR,
      storageEncrypted: true,
      storageEncryptionKey: key,
      backupRetention: Duration.days(size.backupDays),
      copyTagsToSnapshot: true,
      deletionProtection: isKept,
      removalPolicy: isKept ? RemovalPolicy.SNAPSHOT : RemovalPolicy.DESTROY,
      autoMinorVersionUpgrade: true,
    });
    const { secret } = this.instance;
    if (secret === undefined) throw new Error(`${name} has no password of its own`);
    this.password = secret;
  }
}
