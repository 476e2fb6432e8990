import { LabError } from '../../src/core/errors.ts';
import { writeActivations } from '../../src/labs/extraction/activation-store.ts';
import { directionsAtLayers, layerScores, sumClasses } from '../../src/labs/study/run/layer-directions.ts';
import {
  activationsAt,
  classSumsKey,
  layerScoresKey,
  readClassSums,
  type StudyStore,
} from '../../src/labs/study/run/study-store.ts';
import type { OnUnitProgress, UnitExtractor, UnitJob, UnitSet } from '../../src/labs/study/run/unit-job.ts';
import { activationsOf, commitOf, HIDDEN, promptsOf } from './made-up-study.ts';

const LAYERS = 3; // layer 1 holds the classes, the others noise of their own

/** Stores made-up activations in the place of a model's. */
export class MadeUpExtractor implements UnitExtractor {
  readonly store: StudyStore;
  readonly worked: string[] = []; // `checkpoint/set`, in the order in which they were stored
  layersEdited: 'all' | 'of the classes' = 'of the classes';
  /** Changes what is stored of those layers. */
  edit: (job: UnitJob, unit: UnitSet, values: Float32Array) => void = () => undefined;
  beforeUnit: (job: UnitJob, unit: UnitSet) => void | Promise<void> = () => undefined;
  #stopped = false;

  constructor(store: StudyStore) {
    this.store = store;
  }

  async extract(job: UnitJob, onProgress: OnUnitProgress): Promise<void> {
    for (const unit of job.units) {
      await this.beforeUnit(job, unit);
      if (this.#stopped) throw new LabError('interrupted', 'stopped', '');
      await this.#store(job, unit);
      this.worked.push(`${job.label}/${unit.name}`);
      await onProgress({
        set: unit.name,
        done: unit.texts.length,
        total: unit.texts.length,
        stored: true,
        waitingFor: null,
      });
    }
  }

  prefetch(): void {
    // nothing is fetched
  }

  stop(): void {
    this.#stopped = true;
  }

  dispose(): Promise<void> {
    return Promise.resolve();
  }

  async #store(job: UnitJob, unit: UnitSet): Promise<void> {
    const { commit, layer, sweep, pooling, template } = job;
    const inputs = { pooling, template, precision: 'float32' } as const;
    const point = [0, 1, 2, 3].find((index) => commitOf(index) === commit) ?? 0;
    const byLayer = Array.from({ length: LAYERS }, (_, index) =>
      activationsOf(index === 1 ? point : 0, promptsOf(unit.name), index + unit.name.length),
    );
    for (const [index, values] of byLayer.entries()) {
      if (index === 1 || this.layersEdited === 'all') this.edit(job, unit, values);
    }
    if (sweep !== null && unit.isTraining) {
      await this.store.set(classSumsKey(commit, unit.labelDigest, inputs), sumClasses(byLayer, unit.classes, HIDDEN));
    }
    if (sweep !== null && unit.isScored) {
      const read = sweep.trainLabelDigests.map((digest) => readClassSums(this.store, classSumsKey(commit, digest, inputs))); // prettier-ignore
      const sums = (await Promise.all(read)).flatMap((found) => found ?? []);
      const scores = layerScores(byLayer, directionsAtLayers(sums, sweep.names), sweep.names, HIDDEN);
      await this.store.set(layerScoresKey(commit, unit.digest, sweep.trainDigest, inputs), scores);
    }
    if (layer === null) return;
    await writeActivations(this.store, {
      inputs: activationsAt(commit, unit.digest, layer, inputs),
      ...{ checkpoint: job.label, promptSet: unit.name, rows: unit.texts.length, hidden: HIDDEN },
      values: byLayer[layer] ?? new Float32Array(),
    });
  }
}
