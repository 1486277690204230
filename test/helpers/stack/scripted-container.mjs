/**
 * Stands in for the three container programs where a test decides how a job goes. It keeps the container contract:
 * reads settings, logs progress, writes a report and artefacts, and resumes from a checkpoint where it finds one.
 *
 * Its script is $SCRIPT_FOLDER/<jobId>-<stage>[-p<NNNN>].json, that of its part of the scene first, else
 * $SCRIPT_FOLDER/<stage>.json: one object for every attempt, or a list with one for each (the last
 * also for all further ones). It is read again and again while the program hangs.
 *
 *     {"do": "complete", "metrics": {}}             ends well; `metrics` replace the usual ones
 *     {"do": "reject", "code": "", "message": ""}   ends well with a report whose verdict is no
 *     {"do": "say-nothing"}                         ends well without a report
 *     {"do": "fail", "text": "CODE: sentence"}      ends with status 3 and a failure file
 *     {"do": "crash"}                               ends with status 1 and no word
 *     {"do": "be-killed"}                           ends as the out-of-memory killer ends programs
 *     {"do": "hang", "checkpoint": true}            runs until the script changes; training may leave a checkpoint
 *
 * $SCRIPT_FOLDER/<jobName>.runs gets a line at each start, with the process ids of the program and of a child.
 */
import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const [, , stage] = process.argv;
const root = process.env.SAGEMAKER_BASE_DIR ?? '/opt/ml';
const at = (...parts) => path.join(root, ...parts);
const scriptFile = (name) => path.join(process.env.SCRIPT_FOLDER, name);
const training = stage === 'training';
const jobName = training
  ? process.env.TRAINING_JOB_NAME
  : JSON.parse(readFileSync(at('config/processingjobconfig.json'), 'utf8')).ProcessingJobName;
const [, jobId, attempt, part = ''] = /^[^-]+-(\w+)-\w+-a(\d+)(-p\d+)?$/.exec(jobName);
const output = training ? at('model') : at('processing/output');
const checkpoint = at('checkpoints/iterations');
const ITERATIONS = 100;
/** An attempt that resumes from a checkpoint counts the iterations before it too. */
const iterations = ITERATIONS + (training && existsSync(checkpoint) ? Number(readFileSync(checkpoint, 'utf8')) : 0);
const METRICS = {
  sfm: { photos: 6, registered: 6, points: 2000, reprojectionErrorPx: 0.5 },
  training: { gaussians: 5000, iterations, evaluationWidth: 400, psnr: 20, ssim: 0.5, modelBytes: 500_000 },
  compression: { gaussians: 5000, shBands: 1, bytes: 90_000, ratioSh3: 13.7 },
};
const ARTEFACTS = { sfm: [], training: ['model.ply', 'cameras.json', 'poster.jpg'], compression: ['scene.sog'] };

function readScript() {
  const names = [`${jobId}-${stage}${part}`, `${jobId}-${stage}`, stage];
  const file = names.map((name) => scriptFile(`${name}.json`)).find(existsSync);
  const script = JSON.parse(readFileSync(file, 'utf8'));
  return Array.isArray(script) ? script[Math.min(Number(attempt), script.length) - 1] : script;
}

/** As programs tell it that use a GPU, which is training alone. */
const USE = { memoryMb: 50, ...(training && { gpuUtilization: 0.9, gpuMemoryMb: 6000 }) };

/** Minutes of hanging before progress stands still. */
const TURNS = 10_000;
const progress = (done) =>
  console.log(JSON.stringify({ spaceport: 'progress', phase: 'scripted', done, total: TURNS, metrics: USE }));

function writeReport(metrics, verdict) {
  const report = { version: 1, stage, seconds: 1, peakMb: 50, metrics: { ...METRICS[stage], ...metrics }, verdict };
  writeFileSync(path.join(output, 'report.json'), JSON.stringify(report));
}

readFileSync(training ? at('input/data/config/settings.json') : at('processing/input/config/settings.json'));
// A child, as a program with worker processes has them: a stop must end it too.
const child = spawn('sleep', ['600'], { stdio: 'ignore' });
appendFileSync(scriptFile(`${jobName}.runs`), `${process.pid} ${child.pid}\n`);

let done = 0;
function turn() {
  const script = readScript();
  progress((done = Math.min(done + 1, TURNS - 1)));
  if (script.checkpoint) {
    mkdirSync(path.dirname(checkpoint), { recursive: true });
    writeFileSync(checkpoint, String(ITERATIONS));
  }
  if (script.do === 'hang') return;
  child.kill('SIGKILL');
  if (script.do === 'be-killed') process.kill(process.pid, 'SIGKILL');
  if (script.do === 'crash') process.exit(1);
  if (script.do === 'fail') {
    mkdirSync(at('output'), { recursive: true });
    writeFileSync(at('output', training ? 'failure' : 'message'), script.text ?? 'INTERNAL_ERROR: the script says so');
    process.exit(3);
  }
  mkdirSync(output, { recursive: true });
  for (const name of ARTEFACTS[stage])
    if (!existsSync(path.join(output, name))) writeFileSync(path.join(output, name), `scripted ${name}`);
  if (script.do === 'complete') writeReport(script.metrics, { ok: true, code: null, message: null });
  if (script.do === 'reject') writeReport({}, { ok: false, code: script.code, message: script.message });
  progress(TURNS);
  process.exit(0);
}
setInterval(turn, 50);
