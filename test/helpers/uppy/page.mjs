// What a page does that uploads with Uppy: manifest, signed requests, completion. Bundled and run in the browser.
import AwsS3 from '@uppy/aws-s3';
import Uppy from '@uppy/core';

/** Parts of 5 MiB, as Uppy cuts files by default; photos go in one request. */
const PARTS_ABOVE_BYTES = 6 * 2 ** 20;

async function call(method, path, body) {
  const response = await fetch(path, {
    method,
    ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  if (response.status === 429) {
    // A key may ask so many times a minute; thousands of small photos on a fast line ask more often.
    const seconds = Number(response.headers.get('retry-after') ?? 1);
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    return call(method, path, body);
  }
  const answer = await response.json();
  if (!response.ok) throw new Error(`${answer.code}: ${answer.detail}`);
  return answer;
}

/** The same bytes as `fileBytes` in files.ts. */
function madeFile({ name, bytes, seed }) {
  const block = new Uint8Array(2 ** 20);
  const blocks = [];
  for (let start = 0; start < bytes; start += block.length) {
    for (let index = 0; index < block.length; index += 1)
      block[index] = (seed + (start >> 20) * 7 + index * 31 + (index >> 8) * 17) & 0xff;
    blocks.push(new Blob([block.subarray(0, Math.min(block.length, bytes - start))]));
  }
  return new File(blocks, name.split('/').at(-1), {
    type: name.endsWith('.zip') ? 'application/x-zip-compressed' : '',
  });
}

/** Uploads what is missing of these files, in a new upload or in one that was begun before, and completes it. */
window.uploadAll = async (files, begun) => {
  const blobs = new Map(files.map((file) => [file.name, madeFile(file)]));
  const manifest = files.map(({ name }) => ({ name, bytes: blobs.get(name).size, type: blobs.get(name).type }));
  const upload = begun
    ? await call('GET', `/v1/uploads/${begun}`)
    : await call('POST', '/v1/uploads', { files: manifest });
  const { uploadId } = upload;
  window.uploadId = uploadId;
  const uppy = new Uppy();
  uppy.use(AwsS3, {
    limit: 4,
    shouldUseMultipart: ({ size }) => size > PARTS_ABOVE_BYTES,
    generateObjectKey: ({ meta }) => meta.path,
    signRequest: (request) => call('POST', `/v1/uploads/${uploadId}/sign`, request),
  });
  for (const { name } of [...upload.missing, ...upload.differing]) {
    const id = uppy.addFile({ name, data: blobs.get(name), type: blobs.get(name).type, meta: { path: name } });
    const inParts = upload.inParts.find((file) => file.name === name);
    if (inParts) uppy.setFileState(id, { s3Multipart: { uploadId: inParts.multipartId, key: inParts.key } });
  }
  const { failed } = await uppy.upload();
  if (failed.length > 0) return { uploadId, failed: failed.map(({ name, error }) => `${name}: ${error}`) };
  const { state, arrived, missing } = await call('POST', `/v1/uploads/${uploadId}/complete`, {});
  return { uploadId, failed: [], state, arrived, missing };
};
