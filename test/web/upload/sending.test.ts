import { optionViews, presetViews } from '../../../server/catalogue/catalogue';
import { parseJobOptions } from '../../../contracts/stages/options';
import { chosenOptions, optionFields, optionProblem } from '../../../web/upload/form/options-form';
import { uploadMemory, type Store } from '../../../web/upload/sending/memory';
import { PaceMeter } from '../../../web/upload/sending/progress';

test('speed and time left follow the last seconds, and a pause does not count', () => {
  const meter = new PaceMeter();
  expect(meter.pace(1_000)).toEqual({ bytesPerSecond: null, secondsLeft: null });
  for (let second = 0; second <= 10; second += 1) meter.add(second * 100, second * 1000);
  expect(meter.pace(3_000)).toEqual({ bytesPerSecond: 100, secondsLeft: 20 });
  meter.pause();
  meter.add(1_000, 600_000);
  expect(meter.pace(3_000).bytesPerSecond).toBeNull();
  meter.add(1_200, 601_000);
  expect(meter.pace(3_000)).toEqual({ bytesPerSecond: 200, secondsLeft: 9 });
  for (let second = 1; second <= 60; second += 1) meter.add(1_200, 601_000 + second * 1000);
  expect(meter.pace(3_000).bytesPerSecond).toBeNull();
});

describe('the form of options', () => {
  const options = optionViews().map((option) => ({ ...option }));
  const preset = presetViews().find(({ name }) => name === 'standard')!;
  const fields = optionFields(options, preset);

  test('has a field for each option of the API, and takes what the API takes', () => {
    expect(fields.map(({ name }) => name)).toEqual(options.map(({ name }) => name));
    for (const field of fields)
      for (const value of [field.minimum, field.maximum, field.minimum - 1, field.maximum + 1, field.minimum + 0.5])
        expect({ field: field.name, value, ok: optionProblem(field, String(value)) === null }).toEqual({
          field: field.name,
          value,
          ok: parseJobOptions({ [field.name]: value }).ok,
        });
  });

  test('sends what differs from the preset', () => {
    const texts = { maxGaussians: ' 500000 ', maxIterations: String(preset.options['maxIterations']), imageSize: 'x' };
    expect(chosenOptions(fields, texts)).toEqual({ maxGaussians: 500_000 });
    expect(
      optionProblem(
        fields.find(({ name }) => name === 'imageSize')!,
        'x',
      ),
    ).toMatch(/^must be a whole number from/);
    expect(fields.find(({ name }) => name === 'maxNumFeatures')!.label).toBe('Features a photo');
  });
});

describe('what is remembered of an upload', () => {
  const upload = { uploadId: 'a'.repeat(32), name: 'Quarry', files: 3, begunAt: '2026-11-26T10:00:00Z' };
  const store = (): Store & { readonly values: Map<string, string> } => {
    const values = new Map<string, string>();
    return {
      values,
      getItem: (key) => values.get(key) ?? null,
      setItem: (key, value) => void values.set(key, value),
      removeItem: (key) => void values.delete(key),
    };
  };

  test('comes back until it is forgotten', () => {
    const memory = uploadMemory(store());
    expect(memory.read()).toBeNull();
    memory.write(upload);
    expect(memory.read()).toEqual(upload);
    memory.forget();
    expect(memory.read()).toBeNull();
  });

  test.each(['', 'null', '{', '{"uploadId":"../x","name":"","files":1,"begunAt":""}'])(
    'is nothing where something else stands there: %s',
    (text) => {
      const damaged = store();
      damaged.values.set('spaceport.upload', text);
      expect(uploadMemory(damaged).read()).toBeNull();
    },
  );

  test('a browser without storage, or one that refuses, remembers nothing and goes on', () => {
    const refusing: Store = {
      getItem: () => null,
      setItem() {
        throw new DOMException('full', 'QuotaExceededError');
      },
      removeItem: () => undefined,
    };
    for (const memory of [uploadMemory(null), uploadMemory(refusing)]) {
      memory.write(upload);
      expect(memory.read()).toBeNull();
    }
  });
});
