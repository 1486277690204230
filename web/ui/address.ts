import { PAGES } from '../../contracts/pages/addresses';

type JobPage = 'job' | 'report' | 'photos' | 'scene';

/** Address of a page of one job. */
export const jobPage = (jobId: string, page: JobPage = 'job'): string =>
  PAGES[page].replace(':id', encodeURIComponent(jobId));

/** Address of the page that shows two scenes in one picture. */
export const comparePage = (a: string, b: string): string =>
  PAGES.compare.replace(':a', encodeURIComponent(a)).replace(':b', encodeURIComponent(b));

/** The picture of a scene that is being trained. */
export const previewOf = (jobId: string): string => `/v1/jobs/${encodeURIComponent(jobId)}/preview`;

/** The scene that is being trained, as it was at the last of three times. */
export const previewSceneOf = (jobId: string): string => `${previewOf(jobId)}/scene.sog`;

/** The picture of a published scene. */
export const posterOf = (jobId: string): string => `/v1/jobs/${encodeURIComponent(jobId)}/poster`;

/** Address of a published file of a job, to be shown in a page. */
export const shownFile = (jobId: string, file: string): string =>
  `/v1/jobs/${encodeURIComponent(jobId)}/artifacts/${file.split('/').map(encodeURIComponent).join('/')}?inline`;
