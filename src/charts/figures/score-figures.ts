/** How well a direction tells the classes apart, over training. */
import { lowest } from '../../core/statistics/min-max.ts';
import { rangeName } from '../../core/statistics/quantiles.ts';
import { shownText } from '../../core/text/visible-text.ts';
import type { ProbeKind, ProbeRow, StudyResults } from '../../formats/study/study-results.ts';
import { type ChartStyle, colourOf, labelOf } from '../chart-style.ts';
import { CONTROL_LABELS, type Metric, METRIC_LABELS, PROBE_LABELS, SURFACE_LABELS } from '../choices.ts';
import type { Figure } from '../figure.ts';
import { byPoint, controlRow, probeRow, testsOf } from '../results-index.ts';
import type { AxisChoice } from '../training-axis.ts';
import { type Level, type Measured, type TrainingLine, trainingLines } from '../training-lines.ts';

export interface ProbeChoice extends AxisChoice {
  readonly direction: string;
  readonly test: string; // of figures that show one test, and of controls
  readonly probe: ProbeKind;
  readonly metric: Metric;
  readonly controls: boolean;
  readonly surface: boolean;
}

const CONTROLS = ['random-labels', 'random-direction', 'truth', 'concept-on-truth'] as const;
const AXIS_PARTS = 10; // an AUROC axis begins at a whole tenth

/** One line per test; with AUROC, controls and surface baselines beside them. */
export function scoresOverTraining(results: StudyResults, choice: ProbeChoice, style: ChartStyle): Figure {
  const { direction, probe, metric, test, controls, surface } = choice;
  const colours = testColours(results, style);
  const tests = testsOf(results).map(({ name, role }): TrainingLine => ({
    id: `test ${name}`,
    name: role === 'out-of-distribution' ? `${name} (out of distribution)` : name,
    colour: colours.get(name) ?? style.ink,
    dashed: false,
    values: byPoint(results, (checkpoint) =>
      measured(probeRow(checkpoint, probe, direction, name), checkpoint.point, metric),
    ),
  }));
  const withReferences = metric === 'auroc';
  const lines = [...tests, ...(withReferences && controls ? controlLines(results, test, style) : [])];
  const levels = withReferences && surface ? surfaceLevels(results, direction, test, style) : [];
  return trainingLines(
    {
      id: `${metric}-over-training`,
      title: `${METRIC_LABELS[metric]} over training: ${labelOf(direction)}`,
      note:
        `${PROBE_LABELS[probe]} at ${siteText(results)}. Bands are 95 % stratified bootstrap intervals` +
        `${metric === 'auroc' ? '' : ', available for AUROC only'}.` +
        (withReferences && (controls || surface) ? ` Dashed: controls and baselines on ${shownText(test)}.` : '') +
        (withReferences && controls ? ` Bands of random controls: ${rangeName(results.plan.controlRepeats)}.` : ''),
      points: results.points,
      choice,
      y: shareAxis(metric, [...lines, { values: levels }]),
      lines,
      levels,
    },
    style,
  );
}

/** What a probe reaches beyond random labels: AUROC on the task less AUROC of the control, on the same test. */
export function selectivityOverTraining(results: StudyResults, choice: ProbeChoice, style: ChartStyle): Figure {
  const { direction, probe } = choice;
  const colours = testColours(results, style);
  return trainingLines(
    {
      id: 'selectivity',
      title: `Selectivity over training: ${labelOf(direction)}`,
      note: `AUROC minus the mean AUROC of ${results.plan.controlRepeats} directions from random labels, on the same test.`,
      points: results.points,
      choice,
      y: { name: 'AUROC, task − random labels' },
      lines: testsOf(results).map(({ name }): TrainingLine => ({
        id: `test ${name}`,
        name,
        colour: colours.get(name) ?? style.ink,
        dashed: false,
        values: byPoint(results, (checkpoint): Measured | null => {
          const task = probeRow(checkpoint, probe, direction, name);
          const control = controlRow(checkpoint, 'random-labels', name);
          if (task === null || control === null) return null;
          return { value: task.auroc - control.auroc, interval: null, target: targetOf(task, checkpoint.point) };
        }),
      })),
      levels: [],
    },
    style,
  );
}

/** One line per direction, on one test. */
export function categoriesOverTraining(results: StudyResults, choice: ProbeChoice, style: ChartStyle): Figure {
  const { test, probe, metric } = choice;
  const lines = results.names.map((direction): TrainingLine => ({
    id: `direction ${direction}`,
    name: labelOf(direction),
    colour: colourOf(direction, results.names, style),
    dashed: false,
    values: byPoint(results, (checkpoint) => {
      const found = measured(probeRow(checkpoint, probe, direction, test), checkpoint.point, metric);
      return found && { ...found, interval: null };
    }),
  }));
  return trainingLines(
    {
      id: 'categories',
      title: `${METRIC_LABELS[metric]} by category: ${shownText(test)}`,
      note: `${PROBE_LABELS[probe]}; each direction separates its own category from the ${results.plan.concept.negative} ones.`,
      points: results.points,
      choice,
      y: shareAxis(metric, lines),
      lines,
      levels: [],
    },
    style,
  );
}

/** From 0 to 1; for AUROC from chance, or as much below it as the data go, and the axis says so. */
function shareAxis(
  metric: Metric,
  lines: readonly { readonly values: readonly (Pick<Measured, 'value' | 'interval'> | null)[] }[],
): { readonly name: string; readonly min: number; readonly max: number } {
  if (metric !== 'auroc') return { name: `${METRIC_LABELS[metric]} (share)`, min: 0, max: 1 };
  const drawn = lines.flatMap(({ values }) =>
    values.flatMap((at) => (at === null ? [] : [at.interval?.low ?? at.value])),
  );
  const least = Math.min(0.5, lowest(drawn));
  const min = Math.max(0, Math.floor(least * AXIS_PARTS) / AXIS_PARTS);
  return { name: `AUROC (0.5: chance${min === 0 ? '' : `; axis from ${min}`})`, min, max: 1 };
}

function measured(row: ProbeRow | null, point: number, metric: Metric): Measured | null {
  if (row === null) return null;
  const value = { auroc: row.auroc, tpr: row.tprAt1Fpr, accuracy: row.accuracy }[metric];
  return { value, interval: metric === 'auroc' ? row.interval : null, target: targetOf(row, point) };
}

const targetOf = ({ probe, direction, test }: ProbeRow, point: number): Measured['target'] => ({
  point,
  probe,
  direction,
  test,
});

function controlLines(results: StudyResults, test: string, { muted, ink, diverging }: ChartStyle): TrainingLine[] {
  const colours = [muted, ink, diverging[0], diverging[2]];
  return CONTROLS.flatMap((control, index): TrainingLine[] => {
    const values = byPoint(results, (checkpoint): Measured | null => {
      const row = controlRow(checkpoint, control, test);
      return row && { value: row.auroc, interval: row.spread, repeats: row.repeats, target: null };
    });
    if (values.every((value) => value === null)) return [];
    return [
      {
        id: `control ${control}`,
        name: CONTROL_LABELS[control],
        colour: colours[index] ?? muted,
        dashed: true,
        values,
      },
    ];
  });
}

function surfaceLevels(results: StudyResults, direction: string, test: string, { muted, ink }: ChartStyle): Level[] {
  return results.surface
    .filter((row) => row.direction === direction && row.test === test)
    .map(({ surface, auroc, interval }): Level => ({
      id: `surface ${surface}`,
      name: SURFACE_LABELS[surface],
      colour: surface === 'words' ? ink : muted,
      value: auroc,
      interval,
    }));
}

/** Ink for what is in distribution, the accent for what is rewritten, then colours that stay apart. */
function testColours(results: StudyResults, style: ChartStyle): Map<string, string> {
  const { classes, accent, ink } = style;
  const rest = ['financial_crime', 'drug_abuse', 'violence', 'discrimination'].flatMap((key) => classes[key] ?? []);
  const taken = { 'in-distribution': [ink], rewritten: [accent], 'out-of-distribution': rest };
  const colours = new Map<string, string>();
  for (const { name, role } of testsOf(results)) {
    const free = taken[role].find((colour) => ![...colours.values()].includes(colour));
    colours.set(name, free ?? rest.find((colour) => ![...colours.values()].includes(colour)) ?? style.muted);
  }
  return colours;
}

/** “resid_post.4, last token” */
export function siteText({ layer, plan }: StudyResults): string {
  const site = layer === null ? 'a layer that is not yet chosen' : `resid_post.${layer.layer}`;
  return `${site}, pooled by ${plan.pooling}`;
}
