import { answererOf, type Answerer } from '../../../web/pwa/requests';

const ORIGIN = 'https://spaceport.example';

test.each<[string, string, string, Answerer]>([
  ['GET', '/new', 'navigate', 'page'],
  ['GET', '/jobs/abc/scene?view=1', 'navigate', 'page'],
  ['GET', '/app/app-B0YtjbSf.js', 'cors', 'file'],
  ['GET', '/app/examine.worker-PzM0iMVs.js', 'same-origin', 'file'],
  ['POST', '/new', 'navigate', 'shared'],
  ['POST', '/new', 'cors', 'network'],
  ['GET', '/app/sw.js', 'same-origin', 'network'],
  ['GET', '/app/manifest.webmanifest', 'cors', 'network'],
  ['GET', '/v1/events', 'cors', 'network'],
  ['GET', '/v1/jobs/abc/events', 'cors', 'network'],
  ['POST', '/v1/jobs', 'cors', 'network'],
  ['GET', '/sign-in?next=/', 'navigate', 'network'],
  ['GET', '/s/token', 'navigate', 'network'],
  ['GET', '/docs', 'navigate', 'network'],
  ['GET', 'https://photos.s3.amazonaws.com/app/app-B0YtjbSf.js', 'cors', 'network'],
])('%s %s (%s) is answered by: %s', (method, path, mode, answerer) => {
  expect(answererOf({ method, url: new URL(path, ORIGIN).href, mode }, ORIGIN)).toBe(answerer);
});
