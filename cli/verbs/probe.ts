import { apartFrom } from '../../src/core/text/distinct-names.ts';
import { shown, shownNames } from '../../src/core/text/quote.ts';
import {
  CONTROLS,
  PROBES,
  type CheckpointResult,
  type ControlKind,
  type StudyResults,
} from '../../src/formats/study/study-results.ts';
import { UsageError, type Options, type Verb } from '../command.ts';
import { readResults } from '../study/study-files.ts';
import { formatTable } from '../table.ts';

const METRICS = { auroc: 'auroc', 'tpr-at-1-fpr': 'tprAt1Fpr', accuracy: 'accuracy' } as const;
const METRIC_NAMES = ['auroc', 'tpr-at-1-fpr', 'accuracy'] as const;

export const probe: Verb = {
  name: 'probe',
  summary: 'show how well a direction separates the classes at each checkpoint, next to its controls',
  options: {
    results: {
      type: 'string',
      value: 'DIR|FILE',
      help: 'output folder of lab study, or results exported from the page',
      required: true,
    },
    direction: { type: 'string', value: 'NAME', help: 'general or a category', default: 'general' },
    probe: { type: 'string', value: 'KIND', help: PROBES.join(', '), default: 'projection' },
    metric: { type: 'string', value: 'NAME', help: METRIC_NAMES.join(', '), default: 'auroc' },
    json: { type: 'boolean', help: 'print JSON instead of a table' },
  },
  async run(options) {
    const results = await readResults(options.text('results'));
    const direction = options.text('direction');
    if (!results.names.includes(direction)) throw unknownDirection(direction, results);
    const columns = columnsOf(results);
    const rows = results.checkpoints.map((checkpoint) => rowOf(results, checkpoint, options));
    if (options.flag('json')) {
      const objects = rows.map((row) => Object.fromEntries(columns.map((column, place) => [column, row[place] ?? null])));
      console.log(JSON.stringify(objects, null, 2));
    } else console.log(formatTable(columns, rows.map((row) => row.map(inCell)))); // prettier-ignore
  },
};

/** The study's random directions are a control with a column of its own, not a direction to choose. */
function unknownDirection(direction: string, { names }: StudyResults): UsageError {
  const categories = names.slice(1).map((name) => `"${shown(name, 60)}"`);
  const accepted =
    categories.length === 0 ? 'only "general"' : `"general" or a category, one of ${shownNames(categories, 20)}`;
  const controls = direction.startsWith('random')
    ? '; for random directions, see the random-direction column of any table'
    : '';
  return new UsageError(
    `these results have no direction "${shown(direction)}": --direction takes ${accepted}${controls}`,
  );
}

const OF_STATEMENTS: ReadonlySet<ControlKind> = new Set(['truth', 'concept-on-truth']); // all other controls belong to one test each

type Cell = string | number | null;

/** The checkpoint, each test and each control. A test with the name of another column gets a prefix. */
function columnsOf({ plan }: StudyResults): string[] {
  const own = ['checkpoint', ...CONTROLS];
  return ['checkpoint', ...plan.tests.map(({ name }) => apartFrom(name, own, 'test')), ...CONTROLS];
}

/** A checkpoint's cells by column; null if a test has no prompts of the direction's category, or was left out. */
function rowOf(results: StudyResults, { point, probes, controls }: CheckpointResult, options: Options): Cell[] {
  const direction = options.text('direction');
  const kind = options.oneOf('probe', PROBES);
  const metric = METRICS[options.oneOf('metric', METRIC_NAMES)];
  const tests = results.plan.tests.map(({ name }): Cell => {
    const row = probes.find((one) => one.probe === kind && one.direction === direction && one.test === name);
    return row?.[metric] ?? null;
  });
  const first = results.plan.tests[0]?.name;
  const held = CONTROLS.map((control): Cell => {
    const row = controls.find(
      (one) => one.control === control && one.test === (OF_STATEMENTS.has(control) ? results.plan.truth : first),
    );
    return metric === 'auroc' ? (row?.auroc ?? null) : null;
  });
  return [results.points[point]?.label ?? null, ...tests, ...held];
}

/** Always three decimals, so that the digits line up. */
const inCell = (value: string | number | null): string | number | null =>
  typeof value === 'number' ? value.toFixed(3) : value;
