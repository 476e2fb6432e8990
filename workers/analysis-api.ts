/** The wire between the study worker and the workers that analyse for it: plain data only. */
import type { Analyst } from '../src/study/analysis/analyst.ts';
import type { ResolvedStudy } from '../src/study/run/resolved-study.ts';

/** Every call rejects with a plain `WireError`. */
export interface AnalysisWorkerApi extends Analyst {
  /** Comes first: what all checkpoints of a study share. */
  open(study: ResolvedStudy, layer: number): Promise<void>;
}
