import { workflowId } from '../contracts/job-names';
import type { Config } from '../platform/config';

/** Addresses that people and programs follow, all below the public URL. */
export interface Links {
  status(jobId: string): string;
  page(jobId: string): string;
  artifact(jobId: string, file: string): string;
  /** Null where there is no Temporal Web UI. */
  workflow(jobId: string): string | null;
}

export const createLinks = ({ publicUrl, temporalUiUrl, temporalNamespace }: Pick<Config, 'publicUrl' | 'temporalUiUrl' | 'temporalNamespace'>): Links => ({
  status: (jobId) => `${publicUrl}/v1/jobs/${jobId}`,
  page: (jobId) => `${publicUrl}/jobs/${jobId}`,
  artifact: (jobId, file) => `${publicUrl}/v1/jobs/${jobId}/artifacts/${encodeURIComponent(file)}`,
  workflow: (jobId) =>
    temporalUiUrl === null ? null : `${temporalUiUrl}/namespaces/${encodeURIComponent(temporalNamespace)}/workflows/${workflowId(jobId)}`,
});
