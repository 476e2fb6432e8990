import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

const BUSY_MS = 30_000; // what takes a second or two alone takes many times as long beside four others on one core
const BROWSER_TEST_TIMEOUT = 240_000; // ms; a decoder on SwiftShader takes seconds where a GPU takes milliseconds

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
          // One Chromium at a time: two would share two cores, and timings would mean nothing.
          fileParallelism: false,
          maxWorkers: 1,
        },
      },
    ],
  },
});
