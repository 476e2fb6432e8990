/**
 * Everything that must hold, in one run: types, lint and format, then the tests tier by tier. Prints as it goes, and as
 * its last line `N passed, N failed`. Exits with 1 when anything failed or nothing ran.
 * `--random-seed` gives the tests' random choices another seed, which is printed; otherwise each has its own fixed one.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

interface StepResult extends Tally {
  readonly name: string;
  readonly seconds: number;
}

/** The part of Vitest's JSON report that is counted. */
interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly unknown[] }[];
}

const ROOT = resolve(import.meta.dirname, '..');
const VITEST = join(ROOT, 'node_modules/vitest/vitest.mjs');

/** Runs a command with its output shown, and gives its exit code. */
function run(command: string, args: readonly string[]): Promise<number> {
  return new Promise((done, fail) => {
    const child = spawn(command, args, {
      cwd: ROOT,
      stdio: ['ignore', 'inherit', 'inherit'],
      shell: process.platform === 'win32' && command === 'npm', // npm is a .cmd there
    });
    child.on('error', fail);
    child.on('close', (code) => done(code ?? 1));
  });
}

/** An npm script, counted as one test. */
async function script(name: string): Promise<Tally> {
  const code = await run('npm', ['run', '--silent', name]);
  return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 };
}

/** One project of vitest.config.ts. */
async function tier(project: string, reports: string): Promise<Tally> {
  const report = join(reports, `${project}.json`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const code = await run(process.execPath, [VITEST, 'run', '--project', project, ...reporters]);
  const tally = count(await readFile(report, 'utf8').catch(() => null));
  // A crash outside any test, or no test at all, still is a failure.
  return code !== 0 && tally.failed === 0 ? { ...tally, failed: 1 } : tally;
}

function count(report: string | null): Tally {
  if (report === null) return { passed: 0, failed: 0, skipped: 0 };
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = JSON.parse(
    report,
  ) as VitestReport;
  const brokenFiles = testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  );
  return {
    passed: numPassedTests,
    failed: numFailedTests + brokenFiles.length,
    skipped: numPendingTests + numTodoTests,
  };
}

function describeTally({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

async function main(): Promise<void> {
  if (process.argv.includes('--random-seed'))
    process.env['HARMSCOPE_SEED'] = String(Math.floor(Math.random() * 2 ** 31));
  const seed = process.env['HARMSCOPE_SEED'];
  if (seed !== undefined) console.log(`Seed of the random choices: HARMSCOPE_SEED=${seed}`);
  const reports = await mkdtemp(join(tmpdir(), 'harmscope-tests-'));
  const stages: readonly (readonly (readonly [string, () => Promise<Tally>])[])[] = [
    [
      ['types', () => script('check')], // each of these two keeps one core busy
      ['lint and format', () => script('lint')],
    ],
    [['unit', () => tier('unit', reports)]],
    [['parity', () => tier('parity', reports)]],
    [['browser', () => tier('browser', reports)]],
  ];
  const results: StepResult[] = [];
  for (const stage of stages) {
    console.log(`\n── ${stage.map(([name]) => name).join('; ')}`);
    const start = performance.now();
    const finished = stage.map(async ([name, step]) => {
      return { name, ...(await step()), seconds: (performance.now() - start) / 1000 };
    });
    results.push(...(await Promise.all(finished)));
  }
  await rm(reports, { recursive: true, force: true });

  console.log('\n── summary');
  for (const result of results) {
    console.log(`${result.name.padEnd(16)} ${describeTally(result)} (${result.seconds.toFixed(0)} s)`);
  }
  const total = results.reduce<Tally>(
    (sum, { passed, failed, skipped }) => ({
      passed: sum.passed + passed,
      failed: sum.failed + failed,
      skipped: sum.skipped + skipped,
    }),
    { passed: 0, failed: 0, skipped: 0 },
  );
  console.log(describeTally(total));
  process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
}

await main();
