import type { Argv } from 'yargs';
import type { Take } from '../command';
import { annotationCommands } from './annotations';
import { batchCommands } from './batches';
import { estimateCommands } from './estimates';
import { jobListCommands } from './jobs';
import { jobMessageCommands } from './job-messages';
import { keyCommands } from './keys';
import { optionCommands } from './options';
import { scheduleCommands } from './schedules';
import { shareCommands } from './shares';
import { tenantCommands } from './tenants';
import { usageCommands } from './usage';
import { webhookCommands } from './webhooks';

/** The commands of each resource of the API, in the order of the help. */
export const RESOURCES: readonly ((program: Argv, take: Take) => Argv)[] = [
  jobListCommands,
  jobMessageCommands,
  estimateCommands,
  optionCommands,
  batchCommands,
  scheduleCommands,
  shareCommands,
  annotationCommands,
  webhookCommands,
  usageCommands,
  keyCommands,
  tenantCommands,
];
