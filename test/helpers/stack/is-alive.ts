import { readFile } from 'node:fs/promises';

/** Whether a process lives (a zombie that waits for its parent does not). */
export async function isAlive(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    return stat === '' || !/\) [ZX] /.test(stat);
  } catch {
    return false;
  }
}
