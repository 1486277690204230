/**
 * Stands in for the three container programs where a test decides how a job goes. It keeps the container contract:
 * reads settings, logs progress, writes a report and artefacts, ends on SIGTERM only if its script lets it.
 *
 * $SCRIPT_FOLDER/<stage>.json: {"do": "complete" | "hang" | "fail"}, read again and again while it hangs.
 * $SCRIPT_FOLDER/<jobName>.runs gets a line at each start, with the process ids of the program and of a child.
 */
import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const [, , stage] = process.argv;
const root = process.env.SAGEMAKER_BASE_DIR ?? '/opt/ml';
const at = (...parts) => path.join(root, ...parts);
const training = stage === 'training';
const jobName = training ? process.env.TRAINING_JOB_NAME : JSON.parse(readFileSync(at('config/processingjobconfig.json'), 'utf8')).ProcessingJobName;
const output = training ? at('model') : at('processing/output');
const METRICS = {
  sfm: { photos: 6, registered: 6, points: 2000, reprojectionErrorPx: 0.5 },
  training: { gaussians: 5000, iterations: 100, evaluationWidth: 400, psnr: 20, ssim: 0.5, modelBytes: 500_000 },
  compression: { gaussians: 5000, shBands: 1, bytes: 90_000, ratioSh3: 13.7 },
};
const ARTEFACTS = { sfm: [], training: ['model.ply', 'cameras.json', 'poster.jpg'], compression: ['scene.sog'] };

const script = () => JSON.parse(readFileSync(path.join(process.env.SCRIPT_FOLDER, `${stage}.json`), 'utf8')).do;
const progress = (done) => console.log(JSON.stringify({ spaceport: 'progress', phase: 'scripted', done, total: 100 }));

readFileSync(training ? at('input/data/config/settings.json') : at('processing/input/config/settings.json'));
// A child, as a program with worker processes has them: a stop must end it too.
const child = spawn('sleep', ['600'], { stdio: 'ignore' });
appendFileSync(path.join(process.env.SCRIPT_FOLDER, `${jobName}.runs`), `${process.pid} ${child.pid}\n`);

let done = 0;
const turn = () => {
  const what = script();
  progress((done = Math.min(done + 1, 99)));
  if (what === 'hang') return;
  child.kill('SIGKILL');
  if (what === 'fail') {
    mkdirSync(at('output'), { recursive: true });
    writeFileSync(at('output', training ? 'failure' : 'message'), 'INTERNAL_ERROR: the script says so');
    process.exit(3);
  }
  mkdirSync(output, { recursive: true });
  for (const name of ARTEFACTS[stage]) if (!existsSync(path.join(output, name))) writeFileSync(path.join(output, name), `scripted ${name}`);
  const report = { version: 1, stage, seconds: 1, peakMb: 50, metrics: METRICS[stage], verdict: { ok: true, code: null, message: null } };
  writeFileSync(path.join(output, 'report.json'), JSON.stringify(report));
  progress(100);
  process.exit(0);
};
setInterval(turn, 50);
