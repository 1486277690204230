/** `node upload.mjs PATH`: uploads a folder of photos, or an archive, and prints its `s3://` address for /start-job. */
import { findPhotos, sentence, uploadPhotos } from '#dist/cli/server/photo-upload.js';
import { createS3Client } from '#dist/platform/aws-clients.js';
import { readConfig } from '#dist/platform/config.js';

const config = readConfig(process.env);
const photos = await findPhotos(process.argv[2] ?? '.');
console.error(sentence(photos));
const endsWithTheProcess = AbortSignal.any([]);
const showProgress = (filesDone, files) => console.error(`${filesDone} of ${files} files`);
console.log(await uploadPhotos(createS3Client(config), config.bucket, photos, endsWithTheProcess, showProgress));
