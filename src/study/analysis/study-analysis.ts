/** The results of a study as they grow. A checkpoint that was analysed before is taken over; its activations alone are read. */
import { residPost } from '../../engine/residual-sites.ts';
import type { Float32Tensor } from '../../formats/safetensors.ts';
import {
  RESULTS_FORMAT,
  RESULTS_VERSION,
  type CheckpointResult,
  type LadderResult,
  type StudyResults,
  type SurfaceRow,
} from '../../formats/study-results.ts';
import type { KeyValueStore } from '../direction-cache.ts';
import { JobQueue } from '../job-queue.ts';
import type { ResolvedStudy } from '../run/resolved-study.ts';
import type { StudyFailure } from '../run/study-run.ts';
import { summariseSet } from '../run/study-sets.ts';
import type { ModelShape } from '../run/unit-bytes.ts';
import type { AnalysisContext } from './analysis-context.ts';
import { LocalAnalyst, type Analyst } from './analyst.ts';
import { readVectors } from './checkpoint-analysis.ts';
import { LadderAnalysis } from './ladder-analysis.ts';

/** The layer's model, and the AUROC by layer that it was chosen by. */
export interface ChosenSite {
  readonly shape: ModelShape;
  readonly scores: readonly number[] | null; // null: the plan gave the layer
}

/** What is known of a study that has just begun. */
export function begunResults(study: ResolvedStudy): StudyResults {
  return {
    format: RESULTS_FORMAT,
    version: RESULTS_VERSION,
    plan: study.plan,
    points: study.points.map(({ point }) => point),
    sets: [...study.sets.values()].map(summariseSet),
    names: study.names,
    layer: null,
    surface: [],
    checkpoints: [],
    ladder: null,
    failures: [],
  };
}

export class StudyAnalysis {
  readonly #context: AnalysisContext;
  readonly #store: KeyValueStore;
  readonly #known: StudyResults | null;
  readonly #chosen: ChosenSite | null;
  readonly #analyst: Analyst;
  readonly #inTurn = new JobQueue(); // what compares checkpoints takes them in one by one
  readonly #ladder: LadderAnalysis;
  #surface: readonly SurfaceRow[];
  #checkpoints: readonly CheckpointResult[] = [];
  #compared: LadderResult | null = null;

  /**
   * `known`: earlier results of the same plan. `chosen`: for results, which say where they were measured. `analyst`: this thread, by
   * default.
   */
  constructor(
    context: AnalysisContext,
    store: KeyValueStore,
    known: StudyResults | null,
    chosen: ChosenSite | null = null,
    analyst: Analyst = new LocalAnalyst(context, store),
  ) {
    this.#context = context;
    this.#store = store;
    this.#known = known?.layer?.layer === context.layer ? known : null;
    this.#chosen = chosen;
    this.#analyst = analyst;
    this.#surface = this.#known?.surface ?? [];
    this.#ladder = new LadderAnalysis(context, store, analyst);
  }

  /** What needs no checkpoint. */
  async begin(): Promise<void> {
    if (this.#surface.length === 0) this.#surface = await this.#analyst.surface();
  }

  /** Takes a checkpoint in whose units are all at rest. Several may be on their way at once. */
  async add(point: number, commit: string): Promise<void> {
    const known = this.#known?.checkpoints.find((result) => result.point === point && result.commit === commit);
    const { result, ...compared } = await this.#analyst.analyse(point, commit, known ?? null);
    await this.#inTurn.add(async () => {
      await this.#ladder.add(compared);
      this.#checkpoints = [...this.#checkpoints, result].sort((a, b) => a.point - b.point);
    });
  }

  /** How many checkpoints are in. */
  get size(): number {
    return this.#checkpoints.length;
  }

  results(failures: readonly StudyFailure[] = []): StudyResults {
    return {
      ...begunResults(this.#context.study),
      layer: this.#layerChoice(),
      surface: this.#surface,
      checkpoints: this.#checkpoints,
      ladder: this.#compared ?? this.#ladder.result(),
      failures: failures.map(({ point, error: { message, nextStep } }) => ({ point, message, nextStep })),
    };
  }

  #layerChoice(): StudyResults['layer'] {
    if (this.#chosen === null) return null;
    const { shape, scores } = this.#chosen;
    return { layer: this.#context.layer, layers: shape.layers, hidden: shape.hidden, scores };
  }

  /** The results once no more checkpoint comes. */
  async finish(failures: readonly StudyFailure[]): Promise<StudyResults> {
    this.#compared = await this.#ladder.finish();
    return this.results(failures);
  }

  /** `<checkpoint>.resid_post.<layer>.<name>` → [hidden], for checkpoints of the results. */
  async directions(checkpoints: readonly CheckpointResult[]): Promise<[string, Float32Tensor][]> {
    const { study, layer } = this.#context;
    const tensors: [string, Float32Tensor][] = [];
    for (const { point, commit } of checkpoints) {
      const { directions } = await readVectors(this.#context, this.#store, point, commit);
      const label = study.points[point]?.point.label ?? String(point);
      for (const [index, direction] of directions.entries()) {
        const data = Float32Array.from(direction);
        tensors.push([`${label}.${residPost(layer)}.${study.names[index] ?? ''}`, { shape: [data.length], data }]);
      }
    }
    return tensors;
  }
}
