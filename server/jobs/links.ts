import { jobLinks } from '../../contracts/job/links';
import { workflowId } from '../../contracts/machines/names';
import type { Config } from '../../platform/config';

/** Addresses that people and programs follow, all below the public URL. */
export interface Links {
  status(jobId: string): string;
  page(jobId: string): string;
  artifact(jobId: string, file: string): string;
  /** Null where there is no Temporal Web UI. */
  workflow(jobId: string): string | null;
}

export const createLinks = ({
  publicUrl,
  temporalUiUrl,
  temporalNamespace,
}: Pick<Config, 'publicUrl' | 'temporalUiUrl' | 'temporalNamespace'>): Links => ({
  status: (jobId) => jobLinks.status(publicUrl, jobId),
  page: (jobId) => jobLinks.page(publicUrl, jobId),
  artifact: (jobId, file) => jobLinks.artifact(publicUrl, jobId, file),
  workflow: (jobId) =>
    temporalUiUrl === null
      ? null
      : `${temporalUiUrl}/namespaces/${encodeURIComponent(temporalNamespace)}/workflows/${workflowId(jobId)}`,
});
