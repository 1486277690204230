import { flightPath, readPhotoList } from '../../web/photos/photo-list';
import { ranked } from '../../web/report/held-out';
import { summed } from '../../web/account/usage-sums';
import { joined, withEvent } from '../../web/api/curve';
import { MAX_LINES, withLines } from '../../web/job/log-lines';

const PHOTO = {
  name: 'a.jpg',
  registered: true,
  part: 0,
  gps: { latitude: 46.8, longitude: -92, altitude: null },
  gpsResidualM: { east: 3, north: 4, up: null },
};

test('photos of another part, or without a place, are not in the scene; a file that is damaged is no list', () => {
  const list = readPhotoList({
    photos: [
      PHOTO,
      { ...PHOTO, name: 'b.jpg', part: 1 },
      { name: 'c.jpg', registered: false, gps: 7 },
      { name: 5 },
      null,
    ],
  });
  expect(list?.map(({ name, isPlaced, residualM }) => [name, isPlaced, residualM])).toEqual([
    ['a.jpg', true, 5],
    ['b.jpg', false, 5],
    ['c.jpg', false, null],
  ]);
  for (const damaged of [null, [], 'photos', { photos: 'a' }]) expect(readPhotoList(damaged)).toBeNull();
});

test('a flight of an arc minute to the north is a nautical mile long', () => {
  const at = (latitude: number) => ({ ...PHOTO, gps: { ...PHOTO.gps, latitude } });
  const [first, last] = flightPath(readPhotoList({ photos: [at(46), at(46 + 1 / 60)] }) ?? []);
  expect(first).toEqual({ east: 0, north: 0 });
  expect(last?.north).toBeCloseTo(1853.2, 0);
});

test('of photos held out the worst, the median and the best are shown, each once', () => {
  const photos = [31, 22, 27, 25].map((psnr) => ({ name: String(psnr), psnr, ssim: 0.9 }));
  expect(ranked(photos).map(([rank, { psnr }]) => [rank, psnr])).toEqual([
    ['worst', 22],
    ['median', 25],
    ['best', 31],
  ]);
  expect(ranked(photos.slice(0, 1)).map(([rank]) => rank)).toEqual(['worst']);
  expect(ranked([])).toEqual([]);
});

test('usage is added up by day and by step', () => {
  const line = { preset: 'high', jobs: 1, attempts: 1 };
  const lines = [
    { ...line, day: '2026-11-01', stage: 'sfm', machineHours: 1, costUsd: 2 },
    { ...line, day: '2026-11-01', stage: 'training', machineHours: 3, costUsd: 4 },
    { ...line, day: '2026-11-02', stage: 'sfm', machineHours: 5, costUsd: 6 },
  ];
  expect(summed(lines, 'day')).toEqual([
    { name: '2026-11-01', machineHours: 4, costUsd: 6 },
    { name: '2026-11-02', machineHours: 5, costUsd: 6 },
  ]);
  expect(summed(lines, 'stage').map(({ name, costUsd }) => [name, costUsd])).toEqual([
    ['sfm', 8],
    ['training', 4],
  ]);
});

test('a curve goes on where the answer of the server ends, and begins anew with another attempt', () => {
  const at = (done: number, psnr: number, stage: 'training' | 'sfm' = 'training') => ({
    stageProgress: {
      stage,
      phase: 'train',
      done,
      total: 6000,
      fraction: null,
      metrics: { psnr },
      status: '',
      startedAt: null,
    },
  });
  const grown = withEvent(withEvent([], at(100, 15), 0), at(200, 18), 0);
  expect(withEvent(grown, at(300, 20, 'sfm'), 0)).toBe(grown);
  expect(withEvent(grown, { stageProgress: null }, 0)).toBe(grown);
  const answered = [{ iteration: 120, seconds: 5, psnr: 16, loss: null }];
  expect(joined(answered, grown).map(({ iteration }) => iteration)).toEqual([120, 200]);
  expect(withEvent(grown, at(50, 12), 0)).toMatchObject([{ iteration: 50, psnr: 12 }]);
});

test('a log keeps its newest lines, and says that others are left out', () => {
  const lines = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, index) => ({ at: '2026-11-21T10:00:00Z', text: String(from + index) }));
  const empty = { lines: [], isCut: false, isOver: false, hasFailed: true };
  const some = withLines(empty, { lines: lines(0, 3) });
  expect(some).toMatchObject({ isCut: false, hasFailed: false });
  const full = withLines(some, { lines: lines(3, MAX_LINES + 1) });
  expect(full.lines).toHaveLength(MAX_LINES);
  expect([full.isCut, full.lines[0]?.text]).toEqual([true, '1']);
  expect(withLines(full, { lines: lines(9, 10), isGap: true }).lines).toHaveLength(1);
});
