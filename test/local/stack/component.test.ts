import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { identifyProcess, isAlive, type ProcessIdentity } from '../../../local/process-identity';
import { Component, ComponentError } from '../../../local/stack/component';
import { ClaimedStateFolder, findRunningStack, StackIsRunningError } from '../../../local/stack/state-folder';
import { waitFor } from '../../helpers/wait-for';

let folder: string;
const components: Component[] = [];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'spaceport-stack-'));
});

afterEach(async () => {
  await Promise.all(components.splice(0).map((component) => component.kill()));
  await rm(folder, { recursive: true, force: true });
});

async function start(script: string, stopWithinMs = 20_000): Promise<Component> {
  const spec = {
    name: 'part',
    command: process.execPath,
    args: ['-e', script],
    cwd: folder,
    env: process.env,
    readyWithinMs: 30_000,
    stopWithinMs,
  };
  const component = await Component.spawn(spec, folder);
  components.push(component);
  return component;
}

const never = new AbortController().signal;
const STAYS = 'setInterval(() => {}, 1000);';
const READY = `console.log(JSON.stringify({ listening: 'here' }));`;

describe('a process of the stack', () => {
  test('is ready when it has printed its line, not when it has logged one', async () => {
    const component = await start(
      `console.log(JSON.stringify({ level: 30, msg: 'starting' })); ${STAYS} setTimeout(() => { ${READY} }, 300);`,
    );
    await component.waitUntilReady(never);
    expect(await readFile(component.logFile, 'utf8')).toContain('listening');
  });

  test('that ends before it is ready is reported with the end of its log', async () => {
    const component = await start(`console.error('the port is taken'); process.exitCode = 3;`);
    const problem = component.waitUntilReady(never);
    await expect(problem).rejects.toThrow(ComponentError);
    await expect(problem).rejects.toThrow(/part ended with status 3 before it was ready[^]*the port is taken/);
  });

  test('that ends at once is reported too', async () => {
    const spec = {
      name: 'part',
      command: '/bin/false',
      args: [],
      cwd: folder,
      env: process.env,
      readyWithinMs: 30_000,
      stopWithinMs: 20_000,
    };
    const all = await Promise.all(Array.from({ length: 20 }, () => Component.spawn(spec, folder)));
    for (const { exited } of all) expect(await exited).toMatchObject({ expected: false, how: 'ended with status 1' });
  });

  test('that ends by itself is told from one that was stopped', async () => {
    const dying = await start(`${READY} process.exitCode = 1;`);
    expect(await dying.exited).toMatchObject({ expected: false, how: 'ended with status 1' });
    const stopped = await start(`${READY} ${STAYS}`);
    await stopped.waitUntilReady(never);
    await stopped.stop();
    expect(await stopped.exited).toMatchObject({ expected: true, how: 'was ended by SIGTERM' });
  });

  test('that ignores SIGTERM is killed after its deadline, with the processes that it started', async () => {
    const child = `require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']).pid`;
    const component = await start(
      `process.on('SIGTERM', () => {}); require('node:fs').writeFileSync('child', String(${child})); ${READY} ${STAYS}`,
      200,
    );
    await component.waitUntilReady(never);
    const grandchild = await identifyProcess(Number(await readFile(path.join(folder, 'child'), 'utf8')));
    await component.stop();
    expect(await isAlive(component.identity)).toBe(false);
    expect(await isAlive(grandchild!)).toBe(false);
  });

  test('does not get the signals of the group of its launcher', async () => {
    const component = await start(`console.log(JSON.stringify({ ready: true })); ${STAYS}`);
    await component.waitUntilReady(never);
    expect(() => process.kill(-component.identity.pid, 0)).not.toThrow(); // leads a group of its own
  });
});

describe('a state folder', () => {
  test('is refused while its launcher lives, and free once it is released', async () => {
    const claim = await ClaimedStateFolder.claim(folder);
    await expect(ClaimedStateFolder.claim(folder)).rejects.toThrow(StackIsRunningError);
    expect((await findRunningStack(folder))?.launcher.pid).toBe(process.pid);
    await claim.release();
    expect(await findRunningStack(folder)).toBeNull();
    await (await ClaimedStateFolder.claim(folder)).release();
  });

  test('of a killed launcher is taken over, and the processes that it left are ended', async () => {
    const leftover = spawn(process.execPath, ['-e', STAYS], { detached: true, stdio: 'ignore' });
    const dead = spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' });
    const launcher: ProcessIdentity = { pid: dead.pid!, startTime: 'long ago' };
    await once(dead, 'exit');
    const component = (await identifyProcess(leftover.pid!))!;
    await writeFile(
      path.join(folder, 'stack.json'),
      JSON.stringify({ launcher, endpoints: null, components: { part: component } }),
    );
    const claim = await ClaimedStateFolder.claim(folder);
    await waitFor('the leftover to end', async () => !(await isAlive(component)));
    await claim.release();
  });

  test('never has a process ended that only has the number of one that was left', async () => {
    const stranger = await start(`${READY} ${STAYS}`);
    await stranger.waitUntilReady(never);
    const earlier = { pid: stranger.identity.pid, startTime: 'another' };
    await writeFile(
      path.join(folder, 'stack.json'),
      JSON.stringify({ launcher: earlier, endpoints: null, components: { part: earlier } }),
    );
    await (await ClaimedStateFolder.claim(folder)).release();
    expect(await isAlive(stranger.identity)).toBe(true);
  });
});
