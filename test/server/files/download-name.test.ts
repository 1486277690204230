import { parse } from 'content-disposition';
import { downloadName } from '../../../server/files/download-name';
import { disposition } from '../../../server/jobs/store';
import { jobRecord } from '../helpers';

const named = (name: string | null) => {
  const record = jobRecord({});
  return { ...record, request: { ...record.request, name } };
};
const saved = (name: string | null): string => downloadName(named(name), 'scene.sog', 'save');

test('a file is saved under the name of its job, without what systems refuse', () => {
  expect(saved('Water tower')).toBe('Water tower-scene.sog');
  expect(saved('../../etc/passwd')).toBe('etc-passwd-scene.sog');
  expect(saved('a\\b:c*d?e"f<g>h|i%j')).toBe('a-b-c-d-e-f-g-h-i-j-scene.sog');
  expect(saved('Brücke 北')).toBe('Brücke 北-scene.sog');
  expect(saved('photo\u202egos.exe')).toBe('photogos.exe-scene.sog');
  expect(saved(' .-. ')).toBe('spaceport-job123456-scene.sog');
  expect(Buffer.byteLength(saved('😀'.repeat(100)))).toBeLessThan(255);
});

test('a name that came from the photos is not told to those who may not see it', () => {
  expect(downloadName(named(null), 'scene/0_0/meta.json', 'save')).toBe('flight-scene-0_0-meta.json');
  expect(downloadName(named(null), 'scene.sog', 'save without the name of the photos')).toBe(
    'spaceport-job123456-scene.sog',
  );
  expect(downloadName(named('Tower'), 'scene.sog', 'save without the name of the photos')).toBe('Tower-scene.sog');
});

test('the header holds any name in one line of ASCII, and leads back to it', () => {
  for (const name of [
    'Water tower-scene.sog',
    'a"; filename="evil.exe',
    'Brücke 北 😀-scene.sog',
    'x\r\nset-cookie: a=b',
  ]) {
    const header = disposition(name);
    expect(header).toMatch(/^attachment; [\x20-\x7e]+$/);
    if (!/[\r\n]/.test(name)) expect(parse(header).parameters.filename).toBe(name);
  }
  expect(disposition(null)).toBe('inline');
});
