import { COMPONENT_NAMES, type ComponentName } from '../../local/stack/components';
import { Random } from './random';

/** One process of the product that is ended by SIGKILL. */
export interface PlannedKill {
  readonly component: ComponentName;
  /** Share of the work that is done when it comes, 0 to 1. */
  readonly atProgress: number;
  /** Between the kill and the restart by whoever looks after services; null where the stack does that by itself. */
  readonly downMs: number | null;
}

/** The mail sink stands for a server of someone else. */
const KILLABLE = COMPONENT_NAMES.filter((name) => name !== 'mail');
const JOBS_A_KILL = 6;

/** Enough for every process to be killed at least once. */
export const usualKills = (jobs: number): number => Math.max(KILLABLE.length, Math.round(jobs / JOBS_A_KILL));

/** In the order of the moments at which they come. */
export function planKills(seed: number, count: number): PlannedKill[] {
  const random = new Random(seed, 'kills');
  const deck = random.deck(KILLABLE);
  return Array.from({ length: count }, () => ({
    component: deck.next().value,
    atProgress: random.between(0.05, 0.9),
    downMs: random.chance(0.5) ? null : random.integer(0, 2500),
  })).sort((a, b) => a.atProgress - b.atProgress);
}
