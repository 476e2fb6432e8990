import { wordsOf } from '../../core/bag-of-words.ts';
import { bootstrapInterval } from '../../core/bootstrap.ts';
import { fitSurfaceBaseline, type SurfaceBaselineName } from '../../core/surface-baseline.ts';
import { surfaceFeatures } from '../../core/surface-features.ts';
import { SURFACES, type SurfaceKind, type SurfaceRow } from '../../formats/study-results.ts';
import type { AnalysisContext } from './analysis-context.ts';
import { remember } from '../../core/remember.ts';

const BASELINES: Readonly<Record<SurfaceKind, SurfaceBaselineName>> = {
  words: 'words',
  shape: 'length-and-punctuation',
};

/**
 * Texts whose words weigh the same differ only where the fit ends and by rounding, which is another on every machine: scores that are
 * nearer than the fit's own tolerance are ties.
 */
const TOLERANCE = 1e-5;
const tied = (score: number): number => Math.round(score / TOLERANCE) * TOLERANCE;

/** What the texts alone give away, for every direction and test: no model has a part in it. */
export function surfaceRows(context: AnalysisContext): SurfaceRow[] {
  const { train, tests, study } = context;
  const texts = train.prompts.map(({ text }) => text);
  const remembered = { featuresOf: remembering(surfaceFeatures), split: remembering(wordsOf) };
  return SURFACES.flatMap((surface) =>
    study.names.flatMap((direction) => {
      const positives = train.positives(direction);
      const rows = [...positives, ...train.negatives];
      const labels = Uint8Array.from(rows, (_, place) => Number(place < positives.length));
      const scorer = fitSurfaceBaseline(BASELINES[surface], rows.map((row) => texts[row] ?? ''), labels, remembered); // prettier-ignore
      return tests.flatMap(({ name: test, rows: index }) => {
        if (!index.has(direction)) return [];
        const scoresOf = (rows: Uint32Array): Float64Array =>
          scorer(Array.from(rows, (row) => index.prompts[row]?.text ?? '')).map(tied);
        const [harmful, safe] = [scoresOf(index.positives(direction)), scoresOf(index.negatives)];
        const draws = context.resamples(harmful.length, safe.length);
        const { auroc, low, high } = bootstrapInterval(harmful, safe, draws);
        return [{ surface, direction, test, auroc, interval: { low, high } }];
      });
    }),
  );
}

/** What a text gives, worked out once for every text. */
function remembering<T>(work: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => remember(known, text, () => work(text));
}
