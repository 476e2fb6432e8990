/** The wire between the study worker and the workers that run models for it: plain data only. */
import type { ProviderChoice } from '../src/engine/device-report.ts';
import type { PointSource } from '../src/study/run/study-points.ts';
import type { OnUnitProgress, UnitJob } from '../src/study/run/unit-job.ts';

/** Every call rejects with a plain `WireError`. */
export interface UnitWorkerApi {
  extract(job: UnitJob, provider: ProviderChoice, onProgress: OnUnitProgress): Promise<void>;
  prefetch(source: PointSource): Promise<void>;
  stop(): Promise<void>;
}
