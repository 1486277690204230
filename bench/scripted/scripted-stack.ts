import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { STAGES, type Stage } from '../../contracts/stages/stage';
import { findCheckout } from '../../local/stack/checkout';
import { IMAGES } from '../../local/stack/container-programs';
import { greyJpeg } from '../../test/helpers/photos';

/** Writes an images file in which container.py stands in for the three programs. */
export async function writeImages(file: string, scriptFolder: string, stampFile: string): Promise<void> {
  const argv = [findCheckout().python, '-I', '-S', path.join(__dirname, 'container.py')];
  const env = { SCRIPT_FOLDER: scriptFolder, STAMP_FILE: stampFile };
  const images = Object.fromEntries(STAGES.map((stage) => [IMAGES[stage], { argv: [...argv, stage], env }]));
  await writeFile(file, JSON.stringify(images));
}

/** Tells the programs of a job what to do. */
export async function writeScripts(
  folder: string,
  jobId: string,
  scripts: Readonly<Record<Stage, object>>,
): Promise<void> {
  for (const stage of STAGES)
    await writeFile(path.join(folder, `${jobId}-${stage}.json`), JSON.stringify(scripts[stage]));
}

export const writeFaults = (file: string, faults: readonly object[]): Promise<void> =>
  writeFile(file, JSON.stringify({ faults }, null, 1));

/** Uploads a photo; those of other numbers differ. */
export const uploadPhoto = (s3: S3Client, bucket: string, folder: string, number: number): Promise<unknown> =>
  s3.send(
    new PutObjectCommand({
      Bucket: bucket,
      Key: `${folder}${number}.jpg`,
      Body: greyJpeg(640 + 8 * number, 480, 100 + number),
    }),
  );
