import request from 'supertest';
import { OPTION_LIST, PRESET_LIST } from '../../../contracts/stages/catalogue-schema';
import { parseJobOptions } from '../../../contracts/stages/options';
import { PRESETS } from '../../../contracts/stages/presets';
import { testApp } from '../helpers';

test('presets are published with machines, limits and the values of their options', async () => {
  const { body } = await request(testApp().app).get('/v1/presets').expect(200);
  const { presets } = PRESET_LIST.parse(body);
  expect(presets.map(({ name }) => name)).toEqual([...PRESETS]);
  for (const { options } of presets) expect(parseJobOptions(options)).toEqual({ ok: true, value: options });
});

test('options are published with ranges that are those of a start', async () => {
  const { body } = await request(testApp().app).get('/v1/options').expect(200);
  const { options } = OPTION_LIST.parse(body);
  expect(options.length).toBeGreaterThan(3);
  for (const { name, schema } of options) {
    expect(parseJobOptions({ [name]: schema.maximum }).ok).toBe(true);
    expect(parseJobOptions({ [name]: schema.maximum + 1 }).ok).toBe(false);
    const between = schema.maximum - 0.5;
    expect({ name, takesHalves: parseJobOptions({ [name]: between }).ok }).toEqual({
      name,
      takesHalves: schema.type === 'number',
    });
  }
});
