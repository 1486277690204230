import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inheritedEnvironment, readConfig } from '../../../local/sagemaker/config';
import { resolveCommand } from '../../../local/sagemaker/containers/container-command';
import { findImage, readImageManifest } from '../../../local/sagemaker/containers/image-manifest';
import { folderInTree } from '../../../local/sagemaker/jobs/job-plan';
import { relativeKey, staysBelow } from '../../../local/sagemaker/transfer/s3-location';

describe('the image manifest', () => {
  const sfm = { argv: ['sfm'], cwd: '/', env: {} };
  const manifest = { sfm, 'other:2': sfm };

  test.each([
    'sfm',
    'sfm:latest',
    'sfm@sha256:0123abcd',
    '123456789012.dkr.ecr.us-east-1.amazonaws.com/sfm:1.2',
    'localhost:5000/sfm',
  ])('knows %s', (image) => {
    expect(findImage(manifest, image)).toBe(sfm);
  });

  test.each(['sfm2', 'team/sfm', 'other', 'other:3', 'toString', ''])('does not know "%s"', (image) => {
    expect(findImage(manifest, image)).toBeUndefined();
  });

  test('takes working directories from its own folder and names every mistake', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'spaceport-images-'));
    try {
      const file = path.join(folder, 'images.json');
      await writeFile(file, JSON.stringify({ sfm: { argv: ['python'], cwd: 'containers' } }));
      expect((await readImageManifest(file)).sfm!.cwd).toBe(path.join(folder, 'containers'));
      await writeFile(file, JSON.stringify({ sfm: { argv: [] }, other: { argv: ['a'], comand: 'b' } }));
      await expect(readImageManifest(file)).rejects.toThrow(/sfm.argv[^]*comand|comand[^]*sfm.argv/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

test.each([
  ['scan/', 'scan/a', 'a'],
  ['', 'scan/a', 'scan/a'],
  ['scan', 'scan/deep/a', 'deep/a'],
  ['up/scan', 'up/scan2/a', 'scan2/a'],
  ['up/scan/a.txt', 'up/scan/a.txt', 'a.txt'],
  ['scan/', 'scan/../a', '../a'],
])('under the prefix "%s" the key %s lands at %s', (prefix, key, relative) => {
  expect(relativeKey(prefix, key)).toBe(relative);
});

test.each(['a', 'a/b', 'a..b', '...'])('the relative key %s stays below its folder', (key) =>
  expect(staysBelow(key)).toBe(true),
);
test.each(['', '/a', 'a//b', '..', 'a/../../b', './a', 'a/', 'a\0b'])(
  'the relative key "%s" is no file below its folder',
  (key) => expect(staysBelow(key)).toBe(false),
);

test.each([
  ['/opt/ml/processing/input/', 'processing/input'],
  ['/opt/ml/', undefined],
  ['/opt/ml/../etc', undefined],
  ['/etc/passwd', undefined],
])('the container path %s is %s in the tree', (localPath, folder) => expect(folderInTree(localPath)).toBe(folder));

test('the docker runner mounts the tree as /opt/ml and keeps the network away where isolation is asked for', () => {
  const request = {
    image: 'sfm:1',
    entrypoint: ['python', '-m', 'sfm'],
    arguments: ['--x'],
    environment: { SEED: '7' },
    networkIsolation: true,
  };
  const command = resolveCommand(
    { kind: 'docker', environment: { PATH: '/bin' } },
    request,
    '/jobs/a/tree',
    'spaceport-a',
  )!;
  expect(command.argv.join(' ')).toBe(
    'docker run --rm --name spaceport-a --volume /jobs/a/tree:/opt/ml --network none --env SEED=7 --entrypoint python sfm:1 -m sfm --x',
  );
  expect(command.remove!.join(' ')).toBe('docker rm --force spaceport-a');
});

test('a configuration with several mistakes names them all', () => {
  const environment = {
    SPACEPORT_SAGEMAKER_PORT: 'x',
    SPACEPORT_SAGEMAKER_QUOTAS: '{"training":{"ml.g5.xlarge":-1}}',
    AWS_ENDPOINT_URL_S3: 'nowhere',
  };
  expect(() => readConfig(environment)).toThrow(
    /(?=[^]*SPACEPORT_SAGEMAKER_PORT)(?=[^]*SPACEPORT_SAGEMAKER_ROOT)(?=[^]*SPACEPORT_SAGEMAKER_QUOTAS)(?=[^]*AWS_ACCESS_KEY_ID)(?=[^]*AWS_ENDPOINT_URL_S3)/,
  );
});

test('T01: CUDA_VISIBLE_DEVICES reaches the programs, also empty, which hides all cards; secrets do not', () => {
  const environment = { CUDA_VISIBLE_DEVICES: '', PATH: '/bin', AWS_SECRET_ACCESS_KEY: 'secret' };
  expect(inheritedEnvironment(environment)).toEqual({ CUDA_VISIBLE_DEVICES: '', PATH: '/bin' });
});
