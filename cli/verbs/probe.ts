import { CONTROLS, PROBES, type CheckpointResult, type StudyResults } from '../../src/formats/study-results.ts';
import { UsageError, type Options, type Verb } from '../command.ts';
import { readResults } from '../study/study-files.ts';
import { formatTable } from '../table.ts';

const METRICS = { auroc: 'auroc', 'tpr-at-1-fpr': 'tprAt1Fpr', accuracy: 'accuracy' } as const;
const METRIC_NAMES = ['auroc', 'tpr-at-1-fpr', 'accuracy'] as const;

export const probe: Verb = {
  name: 'probe',
  summary: 'how well a direction tells the classes apart, checkpoint by checkpoint, beside its controls',
  options: {
    results: { type: 'string', value: 'DIR|FILE', help: 'what lab study wrote or a page exported', required: true },
    direction: { type: 'string', value: 'NAME', help: 'general or a category', default: 'general' },
    probe: { type: 'string', value: 'KIND', help: PROBES.join(', '), default: 'projection' },
    metric: { type: 'string', value: 'NAME', help: METRIC_NAMES.join(', '), default: 'auroc' },
    json: { type: 'boolean', help: 'print JSON in place of a table' },
  },
  async run(options) {
    const results = await readResults(options.text('results'));
    const rows = results.checkpoints.map((checkpoint) => rowOf(results, checkpoint, options));
    if (options.flag('json')) {
      console.log(JSON.stringify(rows, null, 2));
      return;
    }
    const columns = Object.keys(rows[0] ?? {});
    console.log(formatTable(columns, rows.map((row) => columns.map((column) => shown(row[column] ?? null))))); // prettier-ignore
  },
};

type Row = Readonly<Record<string, string | number | null>>;

/** Absent where a test has no prompts of the direction's category. */
function rowOf(results: StudyResults, { point, probes, controls }: CheckpointResult, options: Options): Row {
  const direction = options.text('direction');
  if (!results.names.includes(direction)) {
    throw new UsageError(`--direction must be one of ${results.names.join(', ')}, not "${direction}"`);
  }
  const kind = options.oneOf('probe', PROBES);
  const metric = METRICS[options.oneOf('metric', METRIC_NAMES)];
  const tests = results.plan.tests.map(({ name }): [string, number | null] => {
    const row = probes.find((one) => one.probe === kind && one.direction === direction && one.test === name);
    return [name, row?.[metric] ?? null];
  });
  const first = results.plan.tests[0]?.name;
  const held = CONTROLS.map((control): [string, number | null] => {
    const row = controls.find((one) => one.control === control && (one.test === first || one.repeats === 1));
    return [control, metric === 'auroc' ? (row?.auroc ?? null) : null];
  });
  return { checkpoint: results.points[point]?.label ?? null, ...Object.fromEntries([...tests, ...held]) };
}

/** Three decimals, all of them, so that columns stand under one another. */
const shown = (value: string | number | null): string | number | null =>
  typeof value === 'number' ? value.toFixed(3) : value;
