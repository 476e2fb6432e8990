import { wordsOf } from '../../../core/text/bag-of-words.ts';
import { bootstrapInterval } from '../../../core/statistics/bootstrap.ts';
import { fitSurfaceBaseline, type SurfaceBaselineName } from '../../../core/probes/surface-baseline.ts';
import { surfaceFeatures } from '../../../core/probes/surface-features.ts';
import { SURFACES, type LeftOut, type SurfaceKind, type SurfaceRow } from '../../../formats/study/study-results.ts';
import type { AnalysisContext } from './analysis-context.ts';
import { remember } from '../../../core/memoise.ts';
import { checkFinite, Pieces } from './pieces.ts';

const BASELINES: Readonly<Record<SurfaceKind, SurfaceBaselineName>> = {
  words: 'words',
  shape: 'length-and-punctuation',
};

/**
 * Scores closer than the fit's own tolerance count as ties: texts with equal word weights differ only by where the fit stopped and by
 * rounding, which differs between machines.
 */
const TOLERANCE = 1e-5;
const tied = (score: number): number => Math.round(score / TOLERANCE) * TOLERANCE;

export interface SurfaceFindings {
  readonly rows: readonly SurfaceRow[];
  readonly leftOut: readonly LeftOut[];
}

/** How well the texts alone predict the labels, for every direction and test, without any model. */
export function surfaceRows(context: AnalysisContext): SurfaceFindings {
  const { train, tests, study } = context;
  const texts = train.prompts.map(({ text }) => text);
  const remembered = { featuresOf: remembering(surfaceFeatures), split: remembering(wordsOf) };
  const pieces = new Pieces();
  const rows = SURFACES.flatMap((surface) =>
    study.names.flatMap((direction) => {
      const piece = { what: `the baseline “${surface}”`, direction };
      const positives = train.positives(direction);
      const rows = [...positives, ...train.negatives];
      const labels = Uint8Array.from(rows, (_, place) => Number(place < positives.length));
      const scorer = pieces.try({ ...piece, test: null }, null, () => fitSurfaceBaseline(BASELINES[surface], rows.map((row) => texts[row] ?? ''), labels, remembered)); // prettier-ignore
      if (scorer === null) return [];
      return tests.flatMap(({ name: test, rows: index }) => {
        if (!index.has(direction)) return [];
        return pieces.try({ ...piece, test }, [], () => {
          const scoresOf = (rows: Uint32Array): Float64Array =>
            scorer(Array.from(rows, (row) => index.prompts[row]?.text ?? '')).map(tied);
          const [harmful, safe] = [scoresOf(index.positives(direction)), scoresOf(index.negatives)];
          const draws = context.resamples(harmful.length, safe.length);
          const { auroc, low, high } = bootstrapInterval(harmful, safe, draws);
          checkFinite({ AUROC: auroc, 'its interval': low + high });
          return [{ surface, direction, test, auroc, interval: { low, high } }];
        });
      });
    }),
  );
  return { rows, leftOut: pieces.leftOut };
}

/** Computes the value for each text only once. */
function remembering<T>(work: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => remember(known, text, () => work(text));
}
