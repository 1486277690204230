import fc from 'fast-check';
import { machineJobName, MAX_MACHINE_JOB_NAME_LENGTH, parseMachineJobName } from '../../../contracts/machines/names';
import { STAGES } from '../../../contracts/stages/stage';

const owner = fc.record({
  deployment: fc.stringMatching(/^[a-z][a-z0-9]{0,19}$/),
  jobId: fc.stringMatching(/^[a-z0-9]{8,20}$/),
  stage: fc.constantFrom(...STAGES),
  part: fc.constant(null),
  attempt: fc.integer({ min: 1, max: 999 }),
});
const ownerOfPart = fc
  .tuple(owner, fc.integer({ min: 0, max: 9999 }), fc.integer({ min: 1, max: 99 }))
  .map(([mine, part, attempt]) => ({ ...mine, part, attempt }));

test('every name fits SageMaker and tells its owner', () => {
  fc.assert(
    fc.property(fc.oneof(owner, ownerOfPart), (mine) => {
      const name = machineJobName(mine);
      expect(name.length).toBeLessThanOrEqual(MAX_MACHINE_JOB_NAME_LENGTH);
      expect(name).toMatch(/^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/);
      expect(parseMachineJobName(name)).toEqual(mine);
    }),
  );
});

test('names of others are not ours', () => {
  for (const name of [
    '',
    'other-job',
    'spaceport-abc-sfm',
    'spaceport-abcdefgh-upload-a01',
    'spaceport-abcdefgh-sfm-a1',
  ])
    expect(parseMachineJobName(name)).toBeNull();
});
