// What vitest's JSON reports say, counted.

/** Where engines.mjs leaves the reports of its suites, from the root. */
export const ENGINE_REPORTS = '.cache/engines';

/** Counts of one report, and its failures and skipped tests as `FILE: NAME`. */
export function addUp({ testResults }) {
  const counts = { passed: 0, failed: 0, skipped: 0, failures: [], skips: [] };
  for (const { name, status, message, assertionResults } of testResults) {
    const of = (...statuses) => assertionResults.filter((test) => statuses.includes(test.status));
    const failed = of('failed');
    const skipped = of('pending', 'skipped', 'todo', 'disabled');
    counts.failures.push(...failed.map((test) => `${name}: ${test.fullName}`));
    // Whatever skips a test puts the reason into its name.
    counts.skips.push(...skipped.map((test) => `${name}: ${test.fullName}`));
    // A file that could not be loaded or set up fails as a whole, with no test to its name.
    const fileFailed = status === 'failed' && failed.length === 0;
    if (fileFailed) counts.failures.push(`${name}: ${message.split('\n')[0]}`);
    counts.passed += of('passed').length;
    counts.failed += failed.length + (fileFailed ? 1 : 0);
    counts.skipped += skipped.length;
  }
  return counts;
}
