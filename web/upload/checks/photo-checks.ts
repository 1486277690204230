import { DEFAULT_POLICY } from '../../../contracts/job/policy';
import type { Position } from '../../../contracts/photos/camera-metadata';
import type { LeftOutFile } from '../files/chosen-files';
import type { ZipFlaw } from '../files/zip-directory';
import type { PhotoFacts } from './photo-facts';
import { median, placeFacts } from './places';

/** A photo as it was found: a file, or an entry of an archive. */
export interface FoundPhoto {
  readonly name: string;
  readonly bytes: number;
  /** Null where its beginning could not be read. */
  readonly facts: PhotoFacts | null;
  /** The name of an earlier photo with the same content. */
  readonly copyOf: string | null;
}

/** All that was found, before anything is sent. */
export interface Found {
  readonly photos: readonly FoundPhoto[];
  readonly positionFiles: readonly string[];
  readonly leftOut: readonly LeftOutFile[];
  /** `unseen`: an archive whose content only the server looks at. */
  readonly archive: { readonly name: string; readonly state: 'seen' | 'unseen' | ZipFlaw } | null;
  /** What the server's rules say of the files as a whole, or null. */
  readonly setProblem: string | null;
}

/** `stop`: nothing can be made of these photos; `warning`: the result will be worse; `note`: good to know. */
export type Severity = 'stop' | 'warning' | 'note';

/** Of which code what is said, see `findings` in the strings; with the figures that the sentence needs. */
export interface Finding {
  readonly code: FindingCode;
  readonly severity: Severity;
  readonly count: number;
  /** Photos of which it is so, or what the sentence names besides. */
  readonly names: readonly string[];
}

const SEVERITY = {
  setProblem: 'stop',
  archiveUnreadable: 'stop',
  noPhotos: 'stop',
  tooFew: 'stop',
  sameName: 'warning',
  otherFormat: 'warning',
  unreadable: 'warning',
  tooSmall: 'warning',
  noGps: 'warning',
  someGps: 'warning',
  zeroGps: 'warning',
  unsignedGps: 'warning',
  mirroredGps: 'warning',
  farGps: 'warning',
  onePlace: 'warning',
  noAltitude: 'warning',
  fewPhotos: 'warning',
  lowResolution: 'warning',
  thermal: 'warning',
  cameras: 'note',
  sizes: 'note',
  days: 'warning',
  clock: 'warning',
  brokenRule: 'warning',
  copies: 'note',
  positionFiles: 'note',
  otherKinds: 'note',
  junk: 'note',
  unseenArchive: 'note',
} as const satisfies Readonly<Record<string, Severity>>;

export type FindingCode = keyof typeof SEVERITY;

/** How many photos have something in common. */
export interface Share {
  readonly what: string;
  readonly count: number;
}

/** What is known of photos before they are sent. */
export interface PhotoReport {
  /** Photos that are sent and can be used, as far as can be told here. */
  readonly photos: number;
  readonly bytes: number;
  /** Most first. */
  readonly cameras: readonly Share[];
  /** `4000 x 3000`, most first. */
  readonly sizes: readonly Share[];
  /** Of a photo in the middle; null where no size is known. */
  readonly megapixels: number | null;
  /** The cameras' own clocks, `YYYY-MM-DD hh:mm`; null where no photo says it. */
  readonly taken: { readonly from: string; readonly to: string } | null;
  readonly withGps: number;
  /** Metres, as the photos give them; null where none does. */
  readonly altitude: { readonly low: number; readonly high: number } | null;
  readonly extentM: number;
  /** In the order in which they were taken; positions that are far from most are left out. */
  readonly path: readonly Position[];
  /** The most serious first. */
  readonly findings: readonly Finding[];
  /** Whether a job of these photos can be started. */
  readonly canStart: boolean;
}

/** Below it a scene is seldom whole. */
const FEW_PHOTOS = 20;
/** Below it SfM leaves more than a tenth of the photos without a share in the scale (MIN_GPS_SHARE of positions.py). */
const ENOUGH_GPS = 0.8;
const MIN_SIDE = 64;
const LOW_MEGAPIXELS = 2;
const DAY_MS = 24 * 3600 * 1000;
/** Light and shadows are others half a day later. */
const OTHER_LIGHT_MS = 12 * 3600 * 1000;
/** Before it there were no drones with cameras that took photos for this: a clock that was never set. */
const CLOCK_FROM_MS = Date.UTC(2005, 0, 1);

/** @param nowMs to notice clocks that run ahead */
export function checkPhotos(found: Found, nowMs: number): PhotoReport {
  const sent = found.photos.filter(({ copyOf }) => copyOf === null);
  const usable = sent.filter(({ facts }) => facts === null || isUsable(facts));
  const known = usable.flatMap(({ name, facts }) => (facts === null ? [] : [{ name, facts }]));
  const placed = known.flatMap(({ name, facts }) => (facts.gps === null ? [] : [{ name, facts, gps: facts.gps }]));
  const places = placeFacts(placed.map(({ gps }) => gps));
  const times = known.flatMap(({ facts }) => (timeOf(facts.takenAt) === null ? [] : [timeOf(facts.takenAt) as number]));
  const trusted = times.filter((ms) => ms >= CLOCK_FROM_MS && ms <= nowMs + DAY_MS);
  const pixels = known.flatMap(({ facts }) => (facts.pixels === null ? [] : [facts.pixels]));
  const megapixels = pixels.length === 0 ? null : median(pixels.map(({ width, height }) => (width * height) / 1e6));
  const cameras = shares(known.flatMap(({ facts }) => facts.camera ?? []));
  const sizes = shares(pixels.map(({ width, height }) => `${width} × ${height}`));
  const near = placed.filter((_, index) => !places.far.includes(index));
  const altitudes = near.flatMap(({ gps }) => gps.altitude ?? []);
  const findings: Finding[] = [];
  const tell = (code: FindingCode, names: readonly string[], count = names.length): void => {
    if (count > 0) findings.push({ code, severity: SEVERITY[code], count, names });
  };
  const which = (photos: readonly FoundPhoto[], holds: (facts: PhotoFacts) => boolean): readonly string[] =>
    photos.flatMap(({ name, facts }) => (facts !== null && holds(facts) ? [name] : []));
  const why = (kind: LeftOutFile['why']): readonly LeftOutFile[] => found.leftOut.filter((file) => file.why === kind);
  const { archive, setProblem, positionFiles } = found;
  const isUnseen = archive !== null && archive.state !== 'seen';

  if (setProblem !== null) tell('setProblem', [setProblem]);
  if (archive?.state === 'unseen') tell('unseenArchive', [archive.name]);
  else if (isUnseen) tell('archiveUnreadable', [archive.name, archive.state], 1);
  else if (usable.length === 0) tell('noPhotos', [], 1);
  else if (usable.length < DEFAULT_POLICY.minPhotos) tell('tooFew', [], usable.length);
  else if (usable.length < FEW_PHOTOS) tell('fewPhotos', [], usable.length);
  tell(
    'sameName',
    why('same name').map(({ name }) => name),
  );
  tell(
    'otherFormat',
    which(sent, ({ format }) => format !== null && !isRead(format)),
  );
  tell('unreadable', [
    ...which(sent, ({ format }) => format === null),
    ...sent.flatMap(({ name, facts }) => (facts === null && !isUnseen ? [name] : [])),
  ]);
  tell(
    'tooSmall',
    which(sent, (facts) => isRead(facts.format) && isTooSmall(facts)),
  );
  tell(
    'brokenRule',
    why('rule').map(({ name, detail }) => `${name}: ${detail}`),
  );

  const zero = which(usable, ({ flaw }) => flaw === 'zero');
  const unsigned = which(usable, ({ flaw }) => flaw === 'unsigned');
  const without = which(usable, ({ gps }) => gps === null);
  tell('zeroGps', zero);
  tell('unsignedGps', unsigned);
  if (known.length > 0 && positionFiles.length === 0) {
    if (placed.length === 0) tell('noGps', without);
    else if (placed.length < ENOUGH_GPS * known.length) tell('someGps', without);
  }
  const named = (indexes: readonly number[]): readonly string[] =>
    indexes.flatMap((index) => placed[index]?.name ?? []);
  tell('mirroredGps', named(places.mirrored));
  tell('farGps', named(places.far.filter((index) => !places.mirrored.includes(index))));
  if (places.onePlace) tell('onePlace', [], near.length);
  if (near.length > 0 && altitudes.length < ENOUGH_GPS * near.length)
    tell(
      'noAltitude',
      near.flatMap(({ name, gps }) => (gps.altitude === null ? [name] : [])),
    );

  if (megapixels !== null && megapixels < LOW_MEGAPIXELS) tell('lowResolution', [], pixels.length);
  tell(
    'thermal',
    which(usable, ({ thermal }) => thermal),
  );
  if (trusted.length > 1 && Math.max(...trusted) - Math.min(...trusted) > OTHER_LIGHT_MS)
    tell('days', [], trusted.length);
  tell(
    'clock',
    which(usable, ({ takenAt }) => isWrong(timeOf(takenAt), nowMs)),
  );
  if (cameras.length > 1)
    tell(
      'cameras',
      cameras.map(({ what, count }) => `${what} (${count})`),
    );
  if (sizes.length > 1)
    tell(
      'sizes',
      sizes.map(({ what, count }) => `${what} (${count})`),
    );
  tell(
    'copies',
    found.photos.flatMap(({ name, copyOf }) => (copyOf === null ? [] : [`${name} = ${copyOf}`])),
  );
  tell('positionFiles', positionFiles);
  tell(
    'otherKinds',
    shares(why('kind').map(({ detail }) => detail || '–')).map(({ what, count }) => `${what} (${count})`),
    why('kind').length,
  );
  tell(
    'junk',
    why('junk').map(({ name }) => name),
  );

  const order = ['stop', 'warning', 'note'];
  findings.sort((one, other) => order.indexOf(one.severity) - order.indexOf(other.severity));
  return {
    photos: usable.length,
    bytes: sent.reduce((sum, { bytes }) => sum + bytes, 0),
    cameras,
    sizes,
    megapixels,
    taken: trusted.length === 0 ? null : { from: minute(Math.min(...trusted)), to: minute(Math.max(...trusted)) },
    withGps: placed.length,
    altitude: altitudes.length === 0 ? null : { low: Math.min(...altitudes), high: Math.max(...altitudes) },
    extentM: places.extentM,
    path: near.toSorted((one, other) => before(one) - before(other)).map(({ gps }) => gps),
    findings,
    canStart: !findings.some(({ severity }) => severity === 'stop'),
  };
}

const isRead = (format: string | null): boolean => format === 'jpg' || format === 'png';
const isTooSmall = ({ pixels }: PhotoFacts): boolean =>
  pixels !== null && Math.min(pixels.width, pixels.height) < MIN_SIDE;
const isUsable = (facts: PhotoFacts): boolean => isRead(facts.format) && !isTooSmall(facts);

/** How often each value comes, the most frequent first. */
function shares(values: readonly string[]): Share[] {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].map(([what, count]) => ({ what, count })).sort((one, other) => other.count - one.count);
}

/** Milliseconds of a camera's clock (`2026:11:21 10:38:00`), as if it showed UTC; null where it says no time. */
function timeOf(takenAt: string | null): number | null {
  const parts = /^(\d{4})[:-](\d\d)[:-](\d\d)[ T](\d\d):(\d\d):(\d\d)/
    .exec(takenAt ?? '')
    ?.slice(1)
    .map(Number);
  const [year = 0, month = 1, day = 1, hours = 0, minutes = 0, seconds = 0] = parts ?? [];
  return parts === undefined ? null : Date.UTC(year, month - 1, day, hours, minutes, seconds);
}

const isWrong = (ms: number | null, nowMs: number): boolean =>
  ms !== null && (ms < CLOCK_FROM_MS || ms > nowMs + DAY_MS);

const minute = (ms: number): string => new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
const before = ({ facts }: { readonly facts: PhotoFacts }): number => timeOf(facts.takenAt) ?? Infinity;
