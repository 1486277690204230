import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

const imageCommand = z.strictObject({
  /** The ENTRYPOINT of the image's Dockerfile. */
  argv: z.array(z.string().min(1)).min(1),
  /** Working directory; a relative one counts from the manifest's folder, which is also the default. */
  cwd: z.string().optional(),
  env: z.record(z.string(), z.string()).default({}),
});

const imageManifest = z.record(z.string().min(1), imageCommand);

/** The command of each image, with the absolute path of its working directory. */
export type ImageManifest = Record<string, z.infer<typeof imageCommand> & { cwd: string }>;

/**
 * Reads the file that says which command stands for which image: `{"<image>": {"argv": [...], "cwd": "...", "env":
 * {}}}`. Throws with every problem listed when it is not of that form.
 */
export async function readImageManifest(file: string): Promise<ImageManifest> {
  const parsed = imageManifest.safeParse(JSON.parse(await readFile(file, 'utf8')));
  if (!parsed.success) throw new Error(`${file} is not an image manifest:\n${z.prettifyError(parsed.error)}`);
  return Object.fromEntries(
    Object.entries(parsed.data).map(([image, command]) => [
      image,
      { ...command, cwd: path.resolve(path.dirname(file), command.cwd ?? '.') },
    ]),
  );
}

/**
 * The entry for an image as a request names it: first exactly, then without its tag or digest, then without its
 * registry too, so that one manifest serves `sfm`, `sfm:1.2` and
 * `123456789012.dkr.ecr.us-east-1.amazonaws.com/sfm:1.2`.
 */
export function findImage(manifest: ImageManifest, image: string): ImageManifest[string] | undefined {
  const untagged = image.replace(/@sha256:[0-9a-f]+$/, '').replace(/:[^/:]+$/, '');
  const withoutRegistry = untagged.replace(/^[^/]*[.:][^/]*\//, '');
  const name = [image, untagged, withoutRegistry].find((candidate) => Object.hasOwn(manifest, candidate));
  return name === undefined ? undefined : manifest[name];
}
