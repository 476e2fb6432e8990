import { bootstrapInterval } from '../../core/bootstrap.ts';
import { fitSurfaceBaseline, type SurfaceBaselineName } from '../../core/surface-baseline.ts';
import { surfaceFeatures } from '../../core/surface-features.ts';
import { SURFACES, type SurfaceKind, type SurfaceRow } from '../../formats/study-results.ts';
import type { AnalysisContext } from './analysis-context.ts';
import { takeScores } from './row-index.ts';

const BASELINES: Readonly<Record<SurfaceKind, SurfaceBaselineName>> = {
  words: 'words',
  shape: 'length-and-punctuation',
};

/** What the texts alone give away, for every direction and test: no model has a part in it. */
export function surfaceRows(context: AnalysisContext): SurfaceRow[] {
  const { train, tests, study } = context;
  const texts = train.prompts.map(({ text }) => text);
  const counted = new Map<string, Float64Array>();
  const featuresOf = (text: string): Float64Array => {
    const features = counted.get(text) ?? surfaceFeatures(text);
    counted.set(text, features);
    return features;
  };
  return SURFACES.flatMap((surface) =>
    study.names.flatMap((direction) => {
      const positives = train.positives(direction);
      const rows = [...positives, ...train.negatives];
      const labels = Uint8Array.from(rows, (_, place) => Number(place < positives.length));
      const scorer = fitSurfaceBaseline(BASELINES[surface], rows.map((row) => texts[row] ?? ''), labels, { featuresOf }); // prettier-ignore
      return tests.flatMap(({ name: test, rows: index }) => {
        if (!index.has(direction)) return [];
        const scores = scorer(index.prompts.map(({ text }) => text));
        const [harmful, safe] = [takeScores(scores, index.positives(direction)), takeScores(scores, index.negatives)];
        const draws = context.resamples(harmful.length, safe.length);
        const { auroc, low, high } = bootstrapInterval(harmful, safe, draws);
        return [{ surface, direction, test, auroc, interval: { low, high } }];
      });
    }),
  );
}
