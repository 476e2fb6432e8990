/** Units of a study from whole checkpoints in memory: every layer is read in one pass. */
import { LabError } from '../../../core/errors.ts';
import { firstNotFinite } from '../../../core/linalg/vectors.ts';
import type { CheckpointFiles } from '../../../engine/checkpoint/checkpoint-files.ts';
import { openCheckpoint, type Checkpoint } from '../../../engine/checkpoint/checkpoint.ts';
import type { ProviderChoice } from '../../../engine/device/device-report.ts';
import { extractResiduals } from '../../../engine/run/residuals.ts';
import type { Runtime } from '../../../engine/device/runtime.ts';
import { OlmoTokenizer } from '../../../engine/tokens/tokenizer.ts';
import { writeActivations } from '../../extraction/activation-store.ts';
import type { KeyValueStore } from '../../../core/key-value-store.ts';
import { directionsAtLayers, layerScores, sumClasses } from './layer-directions.ts';
import type { LadderRef } from '../../models/checkpoint-ref.ts';
import { encodeStudyPrompt, enginePooling, type PromptReading } from './study-prompt.ts';
import {
  activationsAt,
  classSumsKey,
  layerScoresKey,
  readClassSums,
  type ClassSums,
  type ReadingInputs,
} from './study-store.ts';
import type { OnUnitProgress, UnitExtractor, UnitJob, UnitSet } from './unit-job.ts';

export interface ResidentParts {
  openRuntime(provider: ProviderChoice): Promise<Runtime>;
  /** The files of a checkpoint; what was fetched of them once is not fetched again. */
  files(source: LadderRef): Promise<CheckpointFiles>;
  readonly store: KeyValueStore;
}

export class ResidentExtractor implements UnitExtractor {
  readonly #parts: ResidentParts;
  #runtime: Promise<Runtime> | null = null;
  #ahead: { readonly key: string; readonly files: Promise<CheckpointFiles> } | null = null;
  #running: AbortController | null = null;
  #provider: ProviderChoice;

  constructor(parts: ResidentParts, provider: ProviderChoice = 'auto') {
    this.#parts = parts;
    this.#provider = provider;
  }

  /** What the runtime, which the first checkpoint opens, is to run on. */
  use(provider: ProviderChoice): void {
    this.#provider = provider;
  }

  async extract(job: UnitJob, onProgress: OnUnitProgress): Promise<void> {
    const running = new AbortController();
    this.#running = running;
    const checkpoint = await this.#open(job.source);
    try {
      const chat = job.template === 'chat' ? await OlmoTokenizer.open(await this.#parts.files(job.chatFrom)) : checkpoint.tokenizer; // prettier-ignore
      const pass = new CheckpointPass(job, checkpoint, this.#parts.store, { ...job, chat });
      for (const unit of job.units) await pass.extract(unit, running.signal, onProgress);
    } finally {
      await checkpoint.model.dispose();
    }
  }

  prefetch(source: LadderRef): void {
    const key = JSON.stringify(source);
    if (this.#ahead?.key === key) return;
    const files = this.#parts.files(source);
    files.then((opened) => opened.open('model.safetensors')).catch(() => undefined); // its own turn tells what is wrong
    this.#ahead = { key, files };
  }

  stop(): void {
    this.#running?.abort();
  }

  dispose(): Promise<void> {
    this.stop();
    this.#ahead = null;
    return Promise.resolve();
  }

  async #open(source: LadderRef): Promise<Checkpoint> {
    const ahead = this.#ahead?.key === JSON.stringify(source) ? this.#ahead.files : null;
    const files = await (ahead ?? this.#parts.files(source));
    this.#runtime ??= this.#parts.openRuntime(this.#provider);
    return openCheckpoint(files, await this.#runtime, { precision: 'float32' });
  }
}

/** The units of one open checkpoint. */
class CheckpointPass {
  readonly #job: UnitJob;
  readonly #checkpoint: Checkpoint;
  readonly #store: KeyValueStore;
  readonly #reading: PromptReading;
  readonly #inputs: ReadingInputs;
  #directions: readonly (readonly Float64Array[])[] | null = null; // [layer][name], of the training sets

  constructor(job: UnitJob, checkpoint: Checkpoint, store: KeyValueStore, reading: PromptReading) {
    this.#job = job;
    this.#checkpoint = checkpoint;
    this.#store = store;
    this.#reading = reading;
    this.#inputs = { pooling: job.pooling, template: job.template, precision: 'float32' };
  }

  async extract(unit: UnitSet, signal: AbortSignal, onProgress: OnUnitProgress): Promise<void> {
    const { tokenizer, model } = this.#checkpoint;
    const { layers, hiddenSize } = model.config;
    const { layer, sweep, pooling } = this.#job;
    if (layer !== null && layer >= layers) {
      const problem = `${this.#job.label} has no layer ${layer}.`;
      throw new LabError('bad-request', problem, `Its layers are 0 to ${layers - 1}.`);
    }
    const all = Array.from({ length: layers }, (_, index) => index);
    const isSwept = sweep !== null && (unit.isTraining || unit.isScored);
    const total = unit.texts.length;
    const residuals = await extractResiduals(model, {
      prompts: tokenizer.tokenizing(() => unit.texts.map((text) => encodeStudyPrompt(tokenizer, text, this.#reading))),
      layers: isSwept ? all : layer === null ? [] : [layer],
      pooling: enginePooling(pooling),
      mayBeNotFinite: true, // a layer of a sweep that is, is left out by itself
      signal,
      onProgress: (done) => void onProgress({ set: unit.name, done, total, stored: false, waitingFor: null }),
    });
    const byLayer = all.map((index) => residuals.get(index) ?? new Float32Array());
    if (layer !== null) checkActivations(byLayer[layer] ?? new Float32Array(), hiddenSize, unit, layer);
    if (isSwept && unit.isTraining) await this.#storeSums(unit, byLayer, hiddenSize);
    if (isSwept && unit.isScored) await this.#storeScores(unit, byLayer, hiddenSize);
    if (layer !== null) await this.#storeActivations(unit, byLayer[layer] ?? new Float32Array(), layer, hiddenSize);
    await onProgress({ set: unit.name, done: total, total, stored: true, waitingFor: null });
  }

  async #storeActivations(unit: UnitSet, values: Float32Array, layer: number, hidden: number): Promise<void> {
    await writeActivations(this.#store, {
      inputs: activationsAt(this.#job.commit, unit.digest, layer, this.#inputs),
      checkpoint: this.#job.label,
      promptSet: unit.name,
      rows: unit.texts.length,
      hidden,
      values,
    });
  }

  async #storeSums(unit: UnitSet, byLayer: readonly Float32Array[], hidden: number): Promise<void> {
    const key = classSumsKey(this.#job.commit, unit.labelDigest, this.#inputs);
    await this.#store.set(key, sumClasses(byLayer, unit.classes, hidden));
  }

  async #storeScores(unit: UnitSet, byLayer: readonly Float32Array[], hidden: number): Promise<void> {
    const { sweep, commit } = this.#job;
    if (sweep === null) return;
    this.#directions ??= directionsAtLayers(await this.#trainingSums(sweep.trainLabelDigests), sweep.names);
    const key = layerScoresKey(commit, unit.digest, sweep.trainDigest, this.#inputs);
    await this.#store.set(key, layerScores(byLayer, this.#directions, sweep.names, hidden));
  }

  async #trainingSums(labelDigests: readonly string[]): Promise<ClassSums[]> {
    const read = labelDigests.map((digest) => readClassSums(this.#store, classSumsKey(this.#job.commit, digest, this.#inputs))); // prettier-ignore
    const sums = (await Promise.all(read)).filter((found) => found !== null);
    if (sums.length === labelDigests.length) return sums;
    throw new LabError(
      'storage',
      `The class sums of ${this.#job.label} are missing from the store.`,
      'Start the study again.',
    );
  }
}

/** Of the study's layer. A sweep has gaps at other layers whose numbers are none. @throws LabError `format`, which leaves the checkpoint out */
function checkActivations(values: Float32Array, hidden: number, { name }: UnitSet, layer: number): void {
  const at = firstNotFinite(values);
  if (at < 0) return;
  const problem = `Prompt ${Math.floor(at / hidden) + 1} of “${name}” has an activation of ${values[at]} at layer ${layer}.`;
  throw new LabError(
    'format',
    problem,
    'A weight may be damaged: fetch the checkpoint again, or remove it from the plan.',
  );
}
