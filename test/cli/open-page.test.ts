import { browserProgram } from '../../cli/stack/open-page';

test.each([
  ['the one that a person has named', { BROWSER: 'firefox:lynx', DISPLAY: ':0' }, 'linux', 'firefox'],
  ["the desktop's own", { DISPLAY: ':0' }, 'linux', 'xdg-open'],
  ["the desktop's own", { WAYLAND_DISPLAY: 'wayland-0' }, 'linux', 'xdg-open'],
  ["the system's own", {}, 'darwin', 'open'],
  ['none where nobody would see it', { BROWSER: '' }, 'linux', null],
] as const)('the demo opens its page in %s', (_what, environment, platform, program) => {
  expect(browserProgram(environment, platform)).toBe(program);
});
