/// <reference lib="webworker" />
import { transfer } from 'comlink';
import { LabError } from '../src/core/errors.ts';
import type { CheckpointResult } from '../src/formats/study/study-results.ts';
import { serve } from '../src/rpc/serve.ts';
import { openPackingStore } from '../src/sources/packs/open-packing-store.ts';
import { AnalysisContext } from '../src/labs/study/analysis/analysis-context.ts';
import { LocalAnalyst, type Analyst } from '../src/labs/study/analysis/analyst.ts';
import type { AnalysedCheckpoint } from '../src/labs/study/analysis/checkpoint-analysis.ts';
import type { CheckpointVectors } from '../src/labs/study/analysis/checkpoint-vectors.ts';
import type { TestedJump } from '../src/labs/study/analysis/stage-jumps.ts';
import type { SurfaceFindings } from '../src/labs/study/analysis/surface.ts';
import { matricesOf } from '../src/labs/study/analysis/transfer.ts';
import type { ResolvedStudy } from '../src/labs/study/plan/resolved-study.ts';

const store = openPackingStore('study');

/** Analyses the study that was opened last. Large matrices are transferred, not copied. */
export class AnalysisServer implements Analyst {
  #analyst: Analyst | null = null;

  /** Must be called first, with what all checkpoints of the study share. */
  open(study: ResolvedStudy, layer: number): void {
    this.#analyst = new LocalAnalyst(new AnalysisContext(study, layer), store, true);
  }

  async surface(): Promise<SurfaceFindings> {
    return this.#opened().surface();
  }

  async analyse(point: number, commit: string, known: CheckpointResult | null): Promise<AnalysedCheckpoint> {
    const analysed = await this.#opened().analyse(point, commit, known);
    return transfer(analysed, matricesOf(analysed.rows).map(({ values }) => values.buffer)); // prettier-ignore
  }

  async stageJumps(test: string, before: CheckpointVectors, after: CheckpointVectors): Promise<readonly TestedJump[]> {
    return this.#opened().stageJumps(test, before, after);
  }

  #opened(): Analyst {
    if (this.#analyst !== null) return this.#analyst;
    throw new LabError('internal', 'The analysis worker has no study.', 'Reload the page.');
  }
}

serve(new AnalysisServer());
