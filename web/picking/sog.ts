import { unzipSync } from 'fflate';

/**
 * Content of a SOG file, version 2, as far as a ray needs it (the format: developer.playcanvas.com, "SOG"). Nothing here
 * knows of a browser: the pictures come in as decoded bytes.
 */

/** Bytes of a picture, RGBA, row by row from the top. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly rgba: Uint8Array;
}

export interface SogMeta {
  readonly count: number;
  /** Of the logarithms that centres are stored as. */
  readonly mins: readonly number[];
  readonly maxs: readonly number[];
  /** 256 logarithms of half axes. */
  readonly scales: readonly number[];
  readonly files: Readonly<Record<SogPicture, string>>;
}

export const SOG_PICTURES = ['meansLow', 'meansHigh', 'quats', 'scales', 'sh0'] as const;
export type SogPicture = (typeof SOG_PICTURES)[number];

/** All Gaussians of a scene, 24 bytes each, in the scene's coordinates. */
export interface Gaussians {
  readonly count: number;
  /** float32[3 * count]: x, y, z. */
  readonly centres: Float32Array;
  /** float32[count]: beyond it a Gaussian is not seen; three times its longest half axis. */
  readonly radii: Float32Array;
  /** uint8[8 * count]: quaternion (4, as SOG packs it), half axes (3, indices into `halfAxes`), opacity (1). */
  readonly packed: Uint8Array;
  /** float32[256]: half axes, one standard deviation each, in units of the scene. */
  readonly halfAxes: Float32Array;
}

const SIGMAS_SEEN = 3;

/** Members of a SOG bundle by name. Throws where the bytes are no ZIP archive. */
export const unpackSog = (bytes: Uint8Array): Readonly<Record<string, Uint8Array>> => unzipSync(bytes);

/** Throws Error where a file is no SOG of version 2. */
export function readSogMeta(json: unknown): SogMeta {
  const meta = json as {
    readonly version?: unknown;
    readonly count?: unknown;
    readonly means?: { readonly mins?: unknown; readonly maxs?: unknown; readonly files?: unknown };
    readonly scales?: { readonly codebook?: unknown; readonly files?: unknown };
    readonly quats?: { readonly files?: unknown };
    readonly sh0?: { readonly files?: unknown };
  } | null;
  const [meansLow, meansHigh] = names(meta?.means?.files, 2);
  const [scales] = names(meta?.scales?.files, 1);
  const [quats] = names(meta?.quats?.files, 1);
  const [sh0] = names(meta?.sh0?.files, 1);
  const count = meta?.count;
  if (meta?.version !== 2 || typeof count !== 'number' || !Number.isSafeInteger(count) || count < 0)
    throw new Error('the scene is no SOG of version 2');
  return {
    count,
    mins: numbers(meta.means?.mins, 3),
    maxs: numbers(meta.means?.maxs, 3),
    scales: codebook(meta.scales?.codebook),
    files: { meansLow, meansHigh, quats, scales, sh0 } as Record<SogPicture, string>,
  };
}

function names(value: unknown, count: number): string[] {
  const found = Array.isArray(value) ? value.filter((name) => typeof name === 'string') : [];
  if (found.length < count) throw new Error('the scene names no files for its Gaussians');
  return found;
}

function numbers(value: unknown, count: number): number[] {
  const found = Array.isArray(value) ? value.filter((each) => typeof each === 'number') : [];
  if (found.length !== count) throw new Error(`the scene lacks ${count} numbers that say where its Gaussians are`);
  return found;
}

/** Writers older than 2.0 left the first entry out; it goes on as the others do, as the engine has it. */
function codebook(value: unknown): number[] {
  if (!Array.isArray(value) || value[0] !== null) return numbers(value, 256);
  const [second, last] = [value[1] as number, value[255] as number];
  return numbers([second + (second - last) / 255, ...(value.slice(1) as unknown[])], 256);
}

/** Throws Error where a picture is too small for the Gaussians that it should hold. */
export function decodeSog(meta: SogMeta, pictures: Readonly<Record<SogPicture, Pixels>>): Gaussians {
  const { count, mins, maxs } = meta;
  for (const name of SOG_PICTURES)
    if (pictures[name].rgba.length < 4 * count)
      throw new Error(`${meta.files[name]} holds fewer Gaussians than stated`);
  const [low, high] = [pictures.meansLow.rgba, pictures.meansHigh.rgba];
  const centres = new Float32Array(3 * count);
  for (let axis = 0; axis < 3; axis += 1) {
    const min = mins[axis] as number;
    const step = ((maxs[axis] as number) - min) / 65535;
    for (let i = 0; i < count; i += 1) {
      const log = min + step * (((high[4 * i + axis] as number) << 8) + (low[4 * i + axis] as number));
      centres[3 * i + axis] = Math.sign(log) * Math.expm1(Math.abs(log));
    }
  }

  const halfAxes = Float32Array.from(meta.scales, Math.exp);
  const [quats, scales, sh0] = [pictures.quats.rgba, pictures.scales.rgba, pictures.sh0.rgba];
  const radii = new Float32Array(count);
  const packed = new Uint8Array(8 * count);
  for (let i = 0; i < count; i += 1) {
    let longest = 0;
    for (let k = 0; k < 4; k += 1) packed[8 * i + k] = quats[4 * i + k] as number;
    for (let k = 0; k < 3; k += 1) {
      const index = scales[4 * i + k] as number;
      packed[8 * i + 4 + k] = index;
      longest = Math.max(longest, halfAxes[index] as number);
    }
    packed[8 * i + 7] = sh0[4 * i + 3] as number;
    radii[i] = SIGMAS_SEEN * longest;
  }
  return { count, centres, radii, packed, halfAxes };
}
