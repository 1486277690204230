/** How many tests passed, failed and were skipped, from what Jest and pytest report. */

/** A run that ends with an error but reports no failed test (it crashed, or found nothing) counts as one failure. */
const withStatus = (counts, status) => (status !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts);

const NOTHING = { passed: 0, failed: 0, skipped: 0 };

/** From Jest's `--json`; a suite that could not be loaded counts as one failed test. */
export function jestCounts(json, status) {
  if (json === null) return withStatus(NOTHING, status);
  const report = JSON.parse(json);
  const counts = {
    passed: report.numPassedTests,
    failed: report.numFailedTests + report.numRuntimeErrorTestSuites,
    skipped: report.numPendingTests + report.numTodoTests,
  };
  return withStatus(counts, status);
}

/** From pytest's JUnit XML. */
export function pytestCounts(xml, status) {
  const suite = xml === null ? null : /<testsuite [^>]*>/.exec(xml);
  if (suite === null) return withStatus(NOTHING, status);
  const attribute = (name) => Number(new RegExp(` ${name}="(\\d+)"`).exec(suite[0])?.[1] ?? 0);
  const failed = attribute('failures') + attribute('errors');
  const skipped = attribute('skipped');
  return withStatus({ passed: attribute('tests') - failed - skipped, failed, skipped }, status);
}

/** From Playwright's JSON report. A test that passes only when it is tried again has failed. */
export function playwrightCounts(json, status) {
  if (json === null) return withStatus(NOTHING, status);
  const { stats, errors } = JSON.parse(json);
  const failed = stats.unexpected + stats.flaky + errors.length;
  return withStatus({ passed: stats.expected, failed, skipped: stats.skipped }, status);
}

export function addCounts(all) {
  const sum = (key) => all.reduce((total, counts) => total + counts[key], 0);
  return { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') };
}

export const summaryLine = ({ passed, failed, skipped }) =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
