import { Stack, type App } from 'aws-cdk-lib';
import type { Cell } from './cell';
import { Database } from './foundation/database';
import { EncryptionKey } from './foundation/encryption-key';
import { Events } from './foundation/events';
import { Images } from './foundation/images';
import { Mail } from './foundation/mail';
import { Network } from './foundation/network';
import { OwnTemporal } from './foundation/own-temporal';
import { Programs } from './foundation/programs';
import { Secrets } from './foundation/secrets';
import { Storage } from './foundation/storage';
import { DEV_EXCEPTIONS, except, FOUNDATION_EXCEPTIONS } from './rules';

/** User and database of the product. */
const PRODUCT = 'spaceport';

/** Everything of a cell that is there before a program runs: images and secrets are put into it, then comes the other stack. */
export class FoundationStack extends Stack {
  readonly encryption: EncryptionKey;
  readonly storage: Storage;
  readonly secrets: Secrets;
  readonly network: Network;
  /** What the server keeps: it can be made anew of the bucket, but for sessions. */
  readonly database: Database;
  /** `DATABASE_URL` without the password. */
  readonly databaseUrl: string;
  readonly ownTemporal: OwnTemporal | null;
  readonly programs: Programs;
  readonly events: Events;

  constructor(app: App, cell: Cell) {
    super(app, cell.names.stack('foundation'), {
      env: { region: cell.region },
      description: `Spaceport ${cell.deployment}: storage, roles, network, database`,
      terminationProtection: cell.size.isKept,
    });
    except(this, FOUNDATION_EXCEPTIONS, cell.size.isKept ? {} : DEV_EXCEPTIONS);
    this.encryption = new EncryptionKey(this, cell);
    const { key } = this.encryption;
    this.storage = new Storage(this, cell, key);
    const place = { cell, bucketArn: this.storage.bucket.bucketArn, keyArn: key.keyArn };
    new Images(this, cell, key);
    this.secrets = new Secrets(this, cell, key);
    this.programs = new Programs(this, place, key);
    this.network = new Network(this, cell, this.storage.accessLogs.bucketArn);
    this.database = new Database(this, 'Database', cell, {
      name: 'database',
      user: PRODUCT,
      databaseName: PRODUCT,
      size: cell.size.database,
      vpc: this.network.vpc,
      securityGroup: this.network.insideGroup('database'),
      key,
    });
    const { hostname, port } = this.database.instance.instanceEndpoint;
    this.databaseUrl = `postgres://${PRODUCT}@${hostname}:${port}/${PRODUCT}`;
    this.ownTemporal =
      'isOwn' in cell.settings.temporal ? new OwnTemporal(this, place, { network: this.network, key }) : null;
    new Mail(this, place);
    this.events = new Events(this, cell, key);
  }
}
