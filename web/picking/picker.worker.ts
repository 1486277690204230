import { pickColumns, type ColumnGrid } from './columns';
import { pick } from './pick';
import type { Ray } from './ray';
import { decodeSog, readSogMeta, SOG_PICTURES, unpackSog, type Gaussians, type Pixels, type SogPicture } from './sog';

/** Reads a scene once, and answers where rays meet it. */

export type PickerRequest =
  | { readonly id: number; readonly file: Blob }
  | { readonly id: number; readonly url: string }
  | { readonly id: number; readonly ray: Ray }
  | { readonly id: number; readonly grid: ColumnGrid };
export type PickerAnswer =
  { readonly id: number; readonly result: unknown } | { readonly id: number; readonly error: string };

let scene: Promise<Gaussians> | null = null;

self.addEventListener('message', ({ data }: MessageEvent<PickerRequest>) => {
  void answer(data).then(
    (result) => self.postMessage({ id: data.id, result } satisfies PickerAnswer),
    (error: unknown) => self.postMessage({ id: data.id, error: String(error) } satisfies PickerAnswer),
  );
});

async function answer(request: PickerRequest): Promise<unknown> {
  if ('file' in request) scene = request.file.arrayBuffer().then(read);
  else if ('url' in request) scene = fetched(request.url).then(read);
  if (scene === null) throw new Error('there is no scene yet');
  const gaussians = await scene;
  if ('ray' in request) return pick(gaussians, request.ray);
  if ('grid' in request) return pickColumns(gaussians, request.grid);
  return { count: gaussians.count };
}

async function fetched(url: string): Promise<ArrayBuffer> {
  const response = await fetch(url, { credentials: 'same-origin' });
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  return response.arrayBuffer();
}

async function read(bytes: ArrayBuffer): Promise<Gaussians> {
  const members = unpackSog(new Uint8Array(bytes));
  const member = (name: string): Uint8Array<ArrayBuffer> => {
    const found = members[name];
    if (found === undefined) throw new Error(`the scene lacks ${name}`);
    return found as Uint8Array<ArrayBuffer>;
  };
  const meta = readSogMeta(JSON.parse(new TextDecoder().decode(member('meta.json'))));
  const graphics = new OffscreenCanvas(1, 1).getContext('webgl2');
  if (graphics === null) throw new Error('there is no WebGL 2');
  const pictures = {} as Record<SogPicture, Pixels>;
  try {
    for (const name of SOG_PICTURES) pictures[name] = await pixelsOf(graphics, member(meta.files[name]));
  } finally {
    graphics.getExtension('WEBGL_lose_context')?.loseContext();
  }
  return decodeSog(meta, pictures);
}

/** Bit for bit: a 2D canvas would multiply colours by alpha and lose some. */
async function pixelsOf(graphics: WebGL2RenderingContext, file: Uint8Array<ArrayBuffer>): Promise<Pixels> {
  const picture = await createImageBitmap(new Blob([file], { type: 'image/webp' }), {
    premultiplyAlpha: 'none',
    colorSpaceConversion: 'none',
  });
  const { width, height } = picture;
  const texture = graphics.createTexture();
  const frame = graphics.createFramebuffer();
  graphics.bindTexture(graphics.TEXTURE_2D, texture);
  graphics.texImage2D(graphics.TEXTURE_2D, 0, graphics.RGBA, graphics.RGBA, graphics.UNSIGNED_BYTE, picture);
  picture.close();
  graphics.bindFramebuffer(graphics.FRAMEBUFFER, frame);
  graphics.framebufferTexture2D(graphics.FRAMEBUFFER, graphics.COLOR_ATTACHMENT0, graphics.TEXTURE_2D, texture, 0);
  const rgba = new Uint8Array(4 * width * height);
  graphics.readPixels(0, 0, width, height, graphics.RGBA, graphics.UNSIGNED_BYTE, rgba);
  graphics.deleteFramebuffer(frame);
  graphics.deleteTexture(texture);
  return { width, height, rgba };
}
