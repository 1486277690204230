/** Addresses that people and programs follow, all below the deployment's public URL (no slash at its end). */
export const jobLinks = {
  page: (publicUrl: string, jobId: string): string => `${publicUrl}/jobs/${jobId}`,
  status: (publicUrl: string, jobId: string): string => `${publicUrl}/v1/jobs/${jobId}`,
  artifact: (publicUrl: string, jobId: string, file: string): string =>
    `${publicUrl}/v1/jobs/${jobId}/artifacts/${encodeURIComponent(file)}`,
} as const;
