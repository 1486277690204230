/** Names of what the cache holds, so that who writes and who reads mean the same. */
export const keys = {
  /** Everything that is listed of jobs; a list's own key goes on with what it asked for. */
  jobs: ['jobs'],
  job: (jobId: string) => ['job', jobId],
  /** The newest event of a job; only the event stream writes it. */
  snapshot: (jobId: string) => ['snapshot', jobId],
  snapshots: ['snapshot'],
  /** Points of the curve of a job's training. */
  curve: (jobId: string) => ['curve', jobId],
  batches: ['batches'],
} as const;
