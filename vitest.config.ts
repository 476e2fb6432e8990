import { svelte } from '@sveltejs/vite-plugin-svelte';
import { basename } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const BUSY_MS = 30_000; // what takes a second or two alone takes many times as long beside four others on one core
const BROWSER_TEST_TIMEOUT = 240_000; // ms; a decoder on SwiftShader takes seconds where a GPU takes milliseconds

/** Files of the browser tier that take longest, which begin first: else one of them would run last, and alone. */
const LONGEST = ['engine-parity', 'engine-memory', 'steer-answers', 'study-controls', 'study', 'convert', 'extraction'];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const place = LONGEST.indexOf(basename(moduleId, '.test.ts'));
      return place < 0 ? LONGEST.length : place;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  test: {
    projects: [
      {
        plugins: [svelte({ configFile: false })], // for the runes of *.svelte.ts
        resolve: { conditions: ['browser'] }, // else Node takes Svelte's build for servers, where nothing reacts
        test: {
          name: 'unit',
          include: ['tests/unit/**/*.test.ts', 'tests/fuzz/*.test.ts'],
          environment: './tests/unit/client-environment.ts',
          testTimeout: BUSY_MS,
          expect: { poll: { timeout: BUSY_MS } },
          maxWorkers: '100%', // by default one core is left alone, half of what many machines have
        },
      },
      {
        test: {
          name: 'parity',
          include: ['tests/parity/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers: '100%',
        },
      },
      {
        test: {
          name: 'browser',
          include: ['tests/browser/**/*.test.ts'],
          globalSetup: ['tests/browser/harness/global-setup.ts'],
          testTimeout: BROWSER_TEST_TIMEOUT,
          expect: { poll: { timeout: BROWSER_TEST_TIMEOUT / 4 } },
          hookTimeout: BROWSER_TEST_TIMEOUT,
          maxWorkers: 2, // each with a browser; much of a file's time is waiting, and no test measures time by the clock
          isolate: false, // the next file finds the browser that the one before has started
          sequence: { groupOrder: 1, sequencer: LongestFirst }, // after the others, since these use all cores
        },
      },
    ],
  },
});
