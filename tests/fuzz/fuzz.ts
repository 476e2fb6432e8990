/** `npm run fuzz`: every reader of bytes that others made, on many inputs. */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { faultLines, FuzzRunner } from './harness/fuzz-runner.ts';
import type { TargetReport } from './harness/run-target.ts';
import { TARGET_NAMES } from './target-names.ts';

const USAGE = `npm run fuzz -- [--runs N] [--seed N] [--only NAME[,NAME…]] [--jobs N]

  --runs   inputs for each reader, 20000 by default
  --seed   the same inputs again; random by default
  --only   some of ${TARGET_NAMES.join(', ')}
  --jobs   readers that are tried at once; as many as there are processors by default
`;

const print = (text: string): void => void process.stdout.write(`${text}\n`);

function countOf(text: string, least: number, option: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least) return value;
  process.stderr.write(`--${option} is no whole number from ${least} up.\n\n${USAGE}`);
  process.exit(2);
}

function namesOf(only: string | undefined): readonly string[] {
  if (only === undefined) return TARGET_NAMES;
  const names = only.split(',');
  const unknown = names.find((name) => !TARGET_NAMES.includes(name));
  if (unknown === undefined) return names;
  process.stderr.write(`There is no reader “${unknown}”.\n\n${USAGE}`);
  process.exit(2);
}

const text = { type: 'string' } as const;
const { values } = parseArgs({
  options: { runs: text, seed: text, only: text, jobs: text, help: { type: 'boolean' } },
});
if (values.help === true) {
  print(USAGE);
  process.exit(0);
}
const runs = countOf(values.runs ?? '20000', 1, 'runs');
const seed = countOf(values.seed ?? String(Math.floor(Math.random() * 2 ** 31)), 0, 'seed');
const jobs = countOf(values.jobs ?? String(availableParallelism()), 1, 'jobs');
const waiting = [...namesOf(values.only)];
const reports: TargetReport[] = [];

async function work(): Promise<void> {
  const runner = new FuzzRunner();
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
    const report = await runner.try(name, { seed, runs });
    reports.push(report);
    const faults = report.faults.length === 0 ? 'no fault' : `${report.faults.length} faults`;
    const slowest = `slowest ${report.slowest.toFixed(0)} ms`;
    print(`${name.padEnd(16)} ${report.runs} inputs, ${report.read} read, ${report.seconds.toFixed(1)} s, ${slowest}, ${faults}`); // prettier-ignore
    for (const line of faultLines(report, seed)) print(line);
  }
  await runner.end();
}

print(`Seed ${seed}`);
await Promise.all(Array.from({ length: Math.min(jobs, waiting.length) }, work));
const faulty = reports.filter(({ faults }) => faults.length > 0);
print(
  faulty.length === 0
    ? `${reports.length} readers, no fault`
    : `Faults in ${faulty.map(({ name }) => name).join(', ')}`,
);
process.exitCode = faulty.length === 0 ? 0 : 1;
