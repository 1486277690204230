export type { PipelineInput } from '../../contracts/job/run';
