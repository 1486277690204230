import { FAILURES } from '../../../contracts/job/failures';
import { photoAdvice } from '../../../contracts/photos/advice';
import { fittedAttempt, fitWords, photoFit, unfittedWords } from '../../../contracts/photos/fit';
import { newJobRecord, type GateResult, type JobRecord } from '../../../contracts/job/record';
import { testAttempt, testRequest } from '../../helpers/records';

const fit = (registered: number) =>
  photoFit({
    photos: 16,
    registered,
    models: [{ registered, points: 900 }],
    unregistered: [{ name: 'a.jpg', reason: 'blurred', features: 12, partners: 0, thumbnail: 'thumbnails/a.jpg.webp' }],
  });
const gate = (attempt: number, of: GateResult['fit']): GateResult => ({
  ...{ stage: 'sfm', part: null, attempt, verdict: 'rejected', failure: null, atMs: 0, acceptedBy: null },
  ...(of !== undefined && { fit: of }),
});
const record = (changes: Partial<JobRecord>): JobRecord => ({ ...newJobRecord('job1', testRequest(), 0), ...changes });
const sfmAttempt = (attempt: number) => testAttempt({ stage: 'sfm', attempt, jobName: `x-a0${attempt}` });

describe('which photos fitted', () => {
  test('comes from a report of an earlier image too, which names photos and reasons only', () => {
    expect(photoFit({ photos: 3, registered: 2, unregistered: [{ name: 'a.jpg', reason: 'blurred' }] })).toEqual({
      photos: 3,
      registered: 2,
      parts: [],
      unfitted: [{ name: 'a.jpg', reason: 'blurred', features: null, partners: null, thumbnail: null }],
      unfittedCount: 1,
    });
  });

  test('is not known of a rejected report without counts, or with something else in their place', () => {
    expect(photoFit({})).toBeNull();
    expect(photoFit({ photos: 'many', registered: 2 })).toBeNull();
    expect(photoFit({ photos: 3, registered: 2, models: 'none', unregistered: [null, 4] })).toMatchObject({
      unfitted: [],
      unfittedCount: 0,
    });
  });

  test('names so many photos that a record stays small, and counts the others', () => {
    const unregistered = Array.from({ length: 900 }, (_, i) => ({ name: `${i}`.repeat(2000), reason: 'blurred' }));
    const found = photoFit({ photos: 1000, registered: 100, unregistered });
    expect(found).toMatchObject({ unfittedCount: 900 });
    expect(found?.unfitted).toHaveLength(200);
    expect(JSON.stringify(found).length).toBeLessThan(120_000);
  });

  test('is told of the newest attempt, and of none while another one runs', () => {
    const twice = { attempts: [sfmAttempt(1), sfmAttempt(2)], gates: [gate(1, fit(4)), gate(2, fit(8))] };
    expect(fittedAttempt(record(twice))).toMatchObject({ attempt: 2, jobName: 'x-a02', fit: { registered: 8 } });
    expect(fittedAttempt(record({ ...twice, attempts: [...twice.attempts, sfmAttempt(3)] }))).toBeNull();
  });

  test('is told of the accepted attempt where there is one', () => {
    const metrics = { photos: 16, registered: 14, points: 4000, reprojectionErrorPx: 0.6 };
    const accepted = [{ stage: 'sfm', part: null, attempt: 2, jobName: 'x', metrics }] as const;
    expect(fittedAttempt(record({ accepted, attempts: [sfmAttempt(2)] }))?.fit.registered).toBe(14);
  });

  test('is not known in records of earlier versions', () => {
    expect(fittedAttempt(record({}))).toBeNull();
    expect(fittedAttempt(record({ attempts: [sfmAttempt(1)], gates: [gate(1, undefined)] }))).toBeNull();
  });

  test.each([
    [[], '8 of 16 photos fitted together.'],
    [[8], '8 of 16 photos fitted together.'],
    [[8, 7], '8 of 16 photos fitted together. Another part, which nothing connects with them, has 7 photos.'],
    [
      [8, 4, 3],
      '8 of 16 photos fitted together. Other parts, which nothing connects with them, have 4 photos, 3 photos.',
    ],
  ])('with parts of %p says: %s', (parts, words) => {
    expect(fitWords({ photos: 16, registered: 8, parts })).toBe(words);
  });

  test('says why a photo did not, with the numbers, in one line', () => {
    expect(unfittedWords({ reason: 'too\nlittle', features: 4213, partners: 1 })).toBe(
      'too little (4,213 features, matches 1 photo)',
    );
    expect(unfittedWords({ reason: 'not an image', features: null, partners: null })).toBe('not an image');
  });
});

describe('the advice about photos that do not fit', () => {
  test('to fly again is for photos from the air that lack overlap, and for nobody else', () => {
    expect(photoAdvice({ shortfall: 'overlap', aerial: true })).toMatch(/^Fly again with 70 to 80 % overlap/);
    for (const shortfall of ['texture', 'overlap', 'one place', 'parts', 'weak links'] as const) {
      if (shortfall !== 'overlap') expect(photoAdvice({ shortfall, aerial: true })).not.toMatch(/fly|flight/i);
      expect(photoAdvice({ shortfall, aerial: false })).not.toMatch(/fly|flight/i);
      expect(photoAdvice({ shortfall, aerial: false })).toMatch(/^[A-Z].*\.$/);
    }
  });

  test('is left to the code where SfM does not say what is missing, and that does not send anybody flying either', () => {
    expect(photoAdvice({})).toBeNull();
    expect(photoAdvice({ shortfall: null, aerial: true })).toBeNull();
    expect(photoAdvice({ shortfall: 'toString' as never, aerial: true })).toBeNull();
    for (const { advice } of Object.values(FAILURES)) expect(advice).not.toMatch(/fly /i);
  });
});
