import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { ACCESS_KEY_ID, BUCKET, REGION, SECRET_ACCESS_KEY } from '../../local/s3/harness';
import { goTool, pythonTool, type Tool } from './tools';

const run = promisify(execFile);
const PYTHON_CLIENT = path.join(__dirname, 'python_client.py');

/** Where a client works: an endpoint, and a folder for its settings. */
export interface Place {
  endpoint: string;
  home: string;
}

/** What every client can do with a folder of photos. `prefix` ends in a slash. */
export interface Client {
  name: string;
  tool: Tool;
  put(place: Place, folder: string, prefix: string): Promise<void>;
  /** Names below the prefix. */
  list(place: Place, prefix: string): Promise<string[]>;
  get(place: Place, prefix: string, folder: string): Promise<void>;
  remove(place: Place, prefix: string): Promise<void>;
}

/** Runs a client with nothing of this machine's own settings; returns the lines that it prints. */
async function lines(tool: Tool, args: readonly string[], { endpoint, home }: Place): Promise<string[]> {
  if ('missing' in tool) throw new Error(tool.missing);
  const { stdout } = await run(tool.command, [...args], {
    env: {
      PATH: process.env.PATH,
      HOME: home,
      LANG: 'C.UTF-8',
      AWS_ACCESS_KEY_ID: ACCESS_KEY_ID,
      AWS_SECRET_ACCESS_KEY: SECRET_ACCESS_KEY,
      AWS_REGION: REGION,
      AWS_DEFAULT_REGION: REGION,
      AWS_ENDPOINT_URL_S3: endpoint,
      AWS_EC2_METADATA_DISABLED: 'true',
    },
  });
  return stdout.split('\n').filter((line) => line !== '');
}

function pythonLibrary(name: 'boto3' | 's3fs', requirement: string): Client {
  const tool = pythonTool('python', [requirement]);
  const call = (place: Place, ...args: string[]): Promise<string[]> =>
    lines(tool, [PYTHON_CLIENT, name, ...args], place);
  return {
    name,
    tool,
    put: async (place, folder, prefix) => void (await call(place, 'put', folder, BUCKET, prefix)),
    list: async (place, prefix) => (await call(place, 'list', BUCKET, prefix)).map((key) => key.slice(prefix.length)),
    get: async (place, prefix, folder) => void (await call(place, 'get', BUCKET, prefix, folder)),
    remove: async (place, prefix) => void (await call(place, 'delete', BUCKET, prefix)),
  };
}

function awsCli(): Client {
  const tool = pythonTool('aws', ['awscli==1.46.3']);
  const aws = (place: Place, ...args: string[]): Promise<string[]> => lines(tool, args, place);
  return {
    name: 'aws',
    tool,
    put: async (place, folder, prefix) => void (await aws(place, 's3', 'sync', folder, `s3://${BUCKET}/${prefix}`)),
    async list(place, prefix) {
      const query = ['--bucket', BUCKET, '--prefix', prefix, '--query', 'Contents[].[Key]', '--output', 'text'];
      const [old, current] = [
        await aws(place, 's3api', 'list-objects', ...query),
        await aws(place, 's3api', 'list-objects-v2', ...query),
      ];
      expect(old).toEqual(current);
      return current.filter((key) => key !== 'None').map((key) => key.slice(prefix.length));
    },
    get: async (place, prefix, folder) =>
      void (await aws(place, 's3', 'cp', '--recursive', `s3://${BUCKET}/${prefix}`, folder)),
    remove: async (place, prefix) => void (await aws(place, 's3', 'rm', '--recursive', `s3://${BUCKET}/${prefix}`)),
  };
}

function s3cmd(): Client {
  const tool = pythonTool('s3cmd', ['s3cmd==2.4.0']);
  async function call(place: Place, ...args: string[]): Promise<string[]> {
    const { host } = new URL(place.endpoint);
    const file = path.join(place.home, 's3cmd.cfg');
    const settings = {
      access_key: ACCESS_KEY_ID,
      secret_key: SECRET_ACCESS_KEY,
      host_base: host,
      host_bucket: host,
      bucket_location: REGION,
      use_https: 'False',
      multipart_chunk_size_mb: '5',
    };
    const text = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
    await writeFile(file, ['[default]', ...text, ''].join('\n'));
    return lines(tool, ['--config', file, '--no-progress', ...args], place);
  }
  const at = (prefix: string): string => `s3://${BUCKET}/${prefix}`;
  return {
    name: 's3cmd',
    tool,
    put: async (place, folder, prefix) => void (await call(place, 'sync', `${folder}/`, at(prefix))),
    list: async (place, prefix) =>
      (await call(place, 'ls', '--recursive', at(prefix))).map((line) => line.split(at(prefix))[1] ?? line),
    get: async (place, prefix, folder) => void (await call(place, 'get', '--recursive', at(prefix), `${folder}/`)),
    remove: async (place, prefix) => void (await call(place, 'del', '--recursive', '--force', at(prefix))),
  };
}

function rclone(): Client {
  const tool = goTool('rclone', 'github.com/rclone/rclone@v1.71.0', /^rclone v/);
  const call = (place: Place, ...args: string[]): Promise<string[]> =>
    lines(
      tool,
      [
        '--config',
        path.join(place.home, 'rclone.conf'),
        '--s3-provider',
        'Other',
        '--s3-env-auth',
        '--s3-endpoint',
        place.endpoint,
        '--s3-region',
        REGION,
        '--s3-upload-cutoff',
        '5Mi',
        '--retries',
        '1',
        ...args,
      ],
      place,
    );
  const at = (prefix: string): string => `:s3:${BUCKET}/${prefix}`;
  return {
    name: 'rclone, provider Other',
    tool,
    put: async (place, folder, prefix) => void (await call(place, 'copy', folder, at(prefix))),
    list: (place, prefix) => call(place, 'lsf', '--recursive', '--files-only', at(prefix)),
    get: async (place, prefix, folder) => void (await call(place, 'copy', at(prefix), folder)),
    remove: async (place, prefix) => void (await call(place, 'delete', at(prefix))),
  };
}

function mc(): Client {
  const tool = goTool('mc', 'github.com/minio/mc@v0.0.0-20250313080218-cf909e1063a9', /^mc version /);
  async function call(place: Place, ...args: string[]): Promise<string[]> {
    const settings = ['--config-dir', path.join(place.home, 'mc'), '--quiet'];
    await lines(
      tool,
      [...settings, 'alias', 'set', 'local', place.endpoint, ACCESS_KEY_ID, SECRET_ACCESS_KEY, '--path', 'on'],
      place,
    );
    return lines(tool, [...settings, ...args], place);
  }
  const at = (prefix: string): string => `local/${BUCKET}/${prefix}`;
  return {
    name: 'mc',
    tool,
    put: async (place, folder, prefix) => void (await call(place, 'mirror', `${folder}/`, at(prefix))),
    list: async (place, prefix) =>
      (await call(place, 'ls', '--recursive', '--json', at(prefix))).map(
        (line) => (JSON.parse(line) as { key: string }).key,
      ),
    get: async (place, prefix, folder) => void (await call(place, 'mirror', at(prefix), `${folder}/`)),
    remove: async (place, prefix) => void (await call(place, 'rm', '--recursive', '--force', at(prefix))),
  };
}

export const CLIENTS: readonly Client[] = [
  pythonLibrary('boto3', 'boto3==1.44.8'),
  pythonLibrary('s3fs', 's3fs==2026.9.0'),
  awsCli(),
  s3cmd(),
  rclone(),
  mc(),
];
