import { shown, shownNames } from '../../src/core/text/quote.ts';
import { GENERAL, type StudyResults } from '../../src/formats/study/study-results.ts';
import { UsageError, type Verb } from '../command.ts';
import { readResults } from '../study/study-files.ts';
import { formatTable } from '../table.ts';

export const geometry: Verb = {
  name: 'geometry',
  summary: 'show how a direction and its class change over training',
  options: {
    results: {
      type: 'string',
      value: 'DIR|FILE',
      help: 'output folder of lab study, or results exported from the page',
      required: true,
    },
    direction: { type: 'string', value: 'NAME', help: 'general or a category', default: GENERAL },
    json: { type: 'boolean', help: 'print JSON instead of a table' },
  },
  async run(options) {
    const results = await readResults(options.text('results'));
    const direction = options.text('direction');
    const place = results.names.indexOf(direction);
    if (place < 0)
      throw new UsageError(`--direction must be one of ${shownNames(results.names, 20)}, not "${shown(direction)}"`);
    const rows = results.checkpoints.map((_, index) => rowOf(results, direction, place, index));
    if (options.flag('json')) console.log(JSON.stringify(rows, null, 2));
    else {
      const columns = Object.keys(rows[0] ?? {}) as (keyof Row)[];
      console.log(formatTable(columns, rows.map((row) => columns.map((column) => inCell(row[column]))))); // prettier-ignore
    }
  },
};

interface Row {
  readonly checkpoint: string | null;
  readonly norm: number | null; // ‖d‖
  readonly cosineBefore: number | null; // with the direction at the previous checkpoint
  readonly cosineGeneral: number | null; // with the general direction at the same checkpoint
  readonly drift: number | null; // distance of the class's centroid from the one at the previous checkpoint
  readonly centroid: number | null; // length of the centroid
  readonly variance: number | null;
  readonly meanDistance: number | null;
  readonly harmScore: number | null;
  readonly deviation: number | null;
}

function rowOf({ points, checkpoints, ladder }: StudyResults, direction: string, place: number, index: number): Row {
  const checkpoint = checkpoints[index];
  const own = checkpoint?.classes.find(({ name }) => name === direction);
  const before = index === 0 ? undefined : ladder?.directions[place]?.cosines[index]?.[index - 1];
  const drift = index === 0 ? undefined : ladder?.drift.find(({ name }) => name === direction)?.distances[index - 1];
  return {
    checkpoint: points[checkpoint?.point ?? -1]?.label ?? null,
    norm: checkpoint?.directions[place]?.norm ?? null,
    cosineBefore: measured(before),
    cosineGeneral: measured(checkpoint?.cosines[place]?.[0]),
    drift: measured(drift),
    centroid: own?.centroidNorm ?? null,
    variance: own?.variance ?? null,
    meanDistance: own?.meanDistance ?? null,
    harmScore: own?.score ?? null,
    deviation: own?.deviation ?? null,
  };
}

/** The value; null if it is NaN, which stands for "not measured". */
const measured = (value: number | undefined): number | null =>
  value === undefined || Number.isNaN(value) ? null : value;

const inCell = (value: string | number | null): string | null => (typeof value === 'number' ? value.toFixed(3) : value);
