/** Where the viewer shows the scene of a job. */
export function viewerUrl(origin: string, jobId: string): string {
  const job = `${origin}/v1/jobs/${jobId}`;
  const query = new URLSearchParams({
    content: `${job}/artifacts/scene.sog?inline`,
    settings: `${job}/viewer-settings.json`,
  });
  return `${origin}/viewer/?${query.toString()}&webgl&noanim`;
}
