import path from 'node:path';

/** A photo that could be used, as its header describes it. */
export interface Shot {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly camera: string | null;
  /** `YYYY:MM:DD hh:mm:ss`. */
  readonly takenAt: string | null;
  /** Millimetres on 35 mm film. */
  readonly focalLength35mm: number | null;
  /** The file itself says that it is a thermal picture. */
  readonly thermal: boolean;
}

/**
 * What drones with several cameras put behind the name of a shot: DJI's _T(hermal), _V(isible), _W(ide), _Z(oom),
 * _R(adiometric), _D(igital), _S(creen), bands such as _MS_NIR; others write words.
 */
const CAMERA_SUFFIX =
  /[-_ ](?<suffix>T|V|W|Z|R|D|S|IR|THM|RGB|VIS|MS[-_][A-Z]+|NIR|RED|GRE|REG|RE|G|THERMAL|INFRARED|VISIBLE|COLOU?R|WIDE|ZOOM|PREVIEW|SMALL|THUMB)$/i;
const THERMAL_SUFFIX = /^(T|R|IR|THM|THERMAL|INFRARED)$/i;
/** What stands at the visible picture of a shutter whose thermal one is called T. */
const VISIBLE_SUFFIX = /^(V|W|Z|VIS|VISIBLE|RGB|COLOU?R|WIDE|ZOOM)$/i;
const ZOOM_SUFFIX = /^(Z|ZOOM)$/i;
const WIDE_SUFFIX = /^(W|WIDE|V|VIS|VISIBLE)$/i;
/** A second camera of a drone has a smaller sensor: thermal ones a tenth of the pixels. */
const FEWER_PIXELS = 2;
/** From here on a zoomed picture shows hardly anything that features of the wide one can be found in. */
const ZOOMED = 1.5;
/** Two cameras write the second of their own file. */
const SAME_MOMENT_SECONDS = 1;
/** More pictures of one second are no moment of a drone: an export has given all of them the same time. */
const MAX_CAMERAS = 6;

interface Described extends Shot {
  readonly suffix: string;
  /** Folder and name without the suffix; what differs only in that is one press of the shutter. */
  readonly stem: string;
  readonly seconds: number | null;
  readonly pixels: number;
  readonly isThermal: boolean;
}

/**
 * Drones with several cameras write each moment twice: in colour, and as a thermal, zoomed or smaller picture. The
 * second ones do not fit to the first, so a scene is made of the first. Returns the reason for each photo that is left
 * out for that. A camera as a whole is left out, and only if at least half of its pictures have such a companion;
 * nothing is left out where fewer than `minPhotos` would remain. Two ordinary cameras in one flight are both used.
 */
export function companionsLeftOut(shots: readonly Shot[], minPhotos: number): ReadonlyMap<string, string> {
  const described = shots.map(describe);
  const mates = new Moments(described);
  const reasons = new Map<string, string>();
  for (const camera of byCamera(described)) {
    const found = camera.map((shot) => [shot, betterMate(shot, mates.of(shot))] as const);
    const paired = found.filter(([, mate]) => mate !== null).length;
    const others = described.filter(({ isThermal }) => !isThermal).length;
    const isThermalBesideColour = camera.every(({ isThermal }) => isThermal) && others >= camera.length;
    if (paired * 2 < camera.length && !isThermalBesideColour) continue;
    for (const [shot, mate] of found) reasons.set(shot.name, reasonFor(shot, mate));
  }
  return shots.length - reasons.size < minPhotos ? new Map() : reasons;
}

function describe(shot: Shot): Described {
  const { dir, name } = path.posix.parse(shot.name);
  const suffix = CAMERA_SUFFIX.exec(name)?.groups?.suffix ?? '';
  const stem = `${dir}/${suffix === '' ? name : name.slice(0, -suffix.length - 1)}`.toLowerCase();
  return {
    ...shot,
    suffix,
    stem,
    seconds: secondsOf(shot.takenAt),
    pixels: shot.width * shot.height,
    isThermal: shot.thermal,
  };
}

/** Seconds of a camera's own time, for differences only. */
function secondsOf(takenAt: string | null): number | null {
  const [, ...parts] = /^(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)/.exec(takenAt ?? '') ?? [];
  if (parts.length < 6) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.map(Number);
  return Date.UTC(year, month - 1, day, hour, minute, second) / 1000;
}

/** Finds the pictures of one moment: by name, and by time where one drone wrote both. */
class Moments {
  private readonly byStem = new Map<string, Described[]>();
  private readonly bySecond = new Map<string, Described[]>();

  constructor(shots: readonly Described[]) {
    for (const shot of shots) {
      push(this.byStem, shot.stem, shot);
      if (shot.seconds !== null) push(this.bySecond, `${shot.camera} ${shot.seconds}`, shot);
    }
  }

  of({ stem, camera, seconds, name }: Described): Described[] {
    const mates = [...(this.byStem.get(stem) ?? [])];
    if (seconds !== null && camera !== null)
      for (let second = seconds - SAME_MOMENT_SECONDS; second <= seconds + SAME_MOMENT_SECONDS; second += 1)
        mates.push(...this.within(`${camera} ${second}`));
    return mates.filter((mate) => mate.name !== name);
  }

  private within(second: string): readonly Described[] {
    const shots = this.bySecond.get(second) ?? [];
    return shots.length > MAX_CAMERAS ? [] : shots;
  }
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const values = map.get(key);
  if (values === undefined) map.set(key, [value]);
  else values.push(value);
}

/** Shots of one camera have one size, whichever way it was held, one model and one suffix. */
function byCamera(shots: readonly Described[]): Described[][] {
  const cameras = new Map<string, Described[]>();
  for (const shot of shots) {
    const size = [shot.width, shot.height].sort((left, right) => left - right).join(' x ');
    push(cameras, `${size} ${shot.suffix.toUpperCase()} ${shot.thermal} ${shot.camera}`, shot);
  }
  return [...cameras.values()];
}

/** The picture of the same moment that serves a scene best, if one is better than this. */
function betterMate(shot: Described, mates: readonly Described[]): Described | null {
  const rank = ({ suffix, pixels }: Described): number => (ZOOM_SUFFIX.test(suffix) ? 0 : pixels);
  const better = mates.filter((mate) => isBetter(mate, shot));
  return better.sort((left, right) => rank(right) - rank(left))[0] ?? null;
}

function isBetter(mate: Described, shot: Described): boolean {
  if (mate.isThermal !== shot.isThermal) return shot.isThermal;
  const isOneShutter = mate.stem === shot.stem;
  if (isOneShutter && VISIBLE_SUFFIX.test(mate.suffix) && THERMAL_SUFFIX.test(shot.suffix)) return true;
  if (isOneShutter && THERMAL_SUFFIX.test(mate.suffix) && VISIBLE_SUFFIX.test(shot.suffix)) return false;
  // How much more the mate shows; 1 where the cameras do not say.
  const wider =
    shot.focalLength35mm !== null && mate.focalLength35mm !== null ? shot.focalLength35mm / mate.focalLength35mm : null;
  if (isOneShutter && ZOOM_SUFFIX.test(shot.suffix) && WIDE_SUFFIX.test(mate.suffix))
    return (wider ?? ZOOMED) >= ZOOMED;
  if (isOneShutter && ZOOM_SUFFIX.test(mate.suffix) && WIDE_SUFFIX.test(shot.suffix)) return false;
  return mate.pixels >= FEWER_PIXELS * shot.pixels && (wider ?? 1) > 1 / ZOOMED;
}

function reasonFor(shot: Described, mate: Described | null): string {
  const size = `${shot.width} x ${shot.height}`;
  const isThermal = shot.thermal || THERMAL_SUFFIX.test(shot.suffix);
  if (mate === null)
    return isThermal
      ? `a thermal picture (${size}): the colour photos make the scene`
      : `a picture of the drone's second camera (${size}): those of the first make the scene`;
  if (isThermal) return `a thermal picture (${size}): ${mate.name} shows the same moment in colour`;
  if (ZOOM_SUFFIX.test(shot.suffix)) return `a zoomed picture: ${mate.name} shows the same moment and more of it`;
  return `a smaller picture (${size}) of the same moment as ${mate.name}, by a second camera or a copy`;
}
