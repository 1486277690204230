import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { OPTION_RULES, stageSettings, type JobOptions } from '../../../contracts/stages/options';
import { PRESETS } from '../../../contracts/stages/presets';
import { findCheckout } from '../../../local/stack/checkout';

const { python, containersFolder } = findCheckout();
const PACKAGES = ['common', 'sfm', 'gaussian-splatting', 'compression'].map((name) =>
  path.join(containersFolder, name),
);

/** Reads `[title, {stage: settings}][]` and prints what the programs would say of each that they do not accept. */
const CHECK = `
import json, sys
from contract_schemas.__main__ import SETTINGS
from pydantic import ValidationError
for title, stages in json.load(sys.stdin):
    for stage, settings in stages.items():
        try:
            SETTINGS[stage].model_validate_json(json.dumps(settings))
        except ValidationError as error:
            print(title, error)
`;

test('the programs accept every preset, with every option at both of its limits', () => {
  const lowest: JobOptions[] = [];
  const highest: JobOptions[] = [];
  for (const [name, { minimum, maximum }] of Object.entries(OPTION_RULES)) {
    lowest.push({ [name]: minimum });
    highest.push({ [name]: maximum });
  }
  const all = (options: readonly JobOptions[]): JobOptions => Object.assign({}, ...options);
  const choices = [{}, ...lowest, ...highest, all(lowest), all(highest)];
  const cases = PRESETS.flatMap((preset) =>
    choices.map((options) => [`${preset} ${JSON.stringify(options)}`, stageSettings(preset, options)]),
  );
  const { status, stdout, stderr } = spawnSync(python, ['-c', CHECK], {
    input: JSON.stringify(cases),
    encoding: 'utf8',
    env: { ...process.env, PYTHONPATH: PACKAGES.join(path.delimiter) },
  });
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
});
