/** A vitest reporter: counts tests and collects why some were skipped, into the file LEASEHOLD_TEST_RESULTS. */

import { writeFileSync } from 'node:fs';

export default class CountingReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const results = { passed: 0, failed: 0, skipped: 0, unhandled: unhandledErrors.length, skips: [] };
    for (const module of modules) countModule(module, results);
    results.failed += unhandledErrors.length;
    const file = process.env.LEASEHOLD_TEST_RESULTS;
    if (file !== undefined) writeFileSync(file, JSON.stringify(results));
  }
}

function countModule(module, results) {
  // A file or a group that could not be set up is a failure by itself: its tests were never run.
  results.failed += module.errors().length;
  for (const suite of module.children.allSuites()) results.failed += suite.errors().length;
  for (const test of module.children.allTests()) {
    const { state, note } = test.result();
    if (state === 'passed') results.passed++;
    else if (state === 'skipped') {
      results.skipped++;
      results.skips.push({ name: `${module.relativeModuleId} > ${test.fullName}`, reason: note ?? reasonOf(test) });
    } else results.failed++; // `pending`: the process ended before the test did
  }
}

/** What the test or a group around it lacks (test/support/needs.ts), or what went wrong around it. */
function reasonOf(test) {
  for (let task = test; task.type !== 'module'; task = task.parent) {
    const { lacking } = task.meta();
    if (lacking !== undefined) return lacking;
    if (task.type === 'suite' && task.errors().length > 0) return 'its group could not be set up';
  }
  return 'no reason is given, or it was not selected';
}
