import { figures } from '../../../contracts/job/formats';
import type { StageMetrics } from '../../../contracts/generated/reports';

const SFM: StageMetrics['sfm'] = { photos: 18, registered: 18, points: 4000, reprojectionErrorPx: 0.6 };
const ground = { samplingDistanceM: 0.0123, photosMedian: 7, photosMax: 1200, cellSize: 1.5 };
const rows = (sfm: Partial<StageMetrics['sfm']>): Record<string, string> =>
  Object.fromEntries(figures(null, { sfm: { ...SFM, ...sfm } }));

test('a scene in metres has its flight height, the size of a pixel, and how many photos see a place', () => {
  const frame = { heightErrorM: 0, cameraHeight: 38.26 };
  expect(rows({ ground, frame, georeferenced: true })).toMatchObject({
    'Height above what was seen': '38.3 m',
    'A pixel of the photos shows': '1.2 cm',
    'Photos that see a place': '7 (median), at most 1,200',
  });
  const feet = figures(null, { sfm: { ...SFM, ground, frame, georeferenced: true } }, 'imperial');
  expect(Object.fromEntries(feet)).toMatchObject({
    'Height above what was seen': '125.5 ft',
    'A pixel of the photos shows': '0.48 in',
  });
});

test('a scene in no metres has no lengths, and a report of an earlier image none of it', () => {
  const plain = rows({
    ground: { ...ground, samplingDistanceM: null },
    frame: { heightErrorM: null, cameraHeight: 9 },
  });
  expect(Object.keys(plain)).not.toContain('Height above what was seen');
  expect(Object.keys(plain)).not.toContain('A pixel of the photos shows');
  expect(plain['Photos that see a place']).toBe('7 (median), at most 1,200');
  expect(Object.keys(rows({}))).toEqual(['Photos that fit together', 'Points', 'Reprojection error']);
});
