/** The results of a study as they grow. A checkpoint that was analysed before is taken over; its activations alone are read. */
import { residPost } from '../../../engine/run/residual-sites.ts';
import type { Float32Tensor } from '../../../formats/bytes/safetensors.ts';
import {
  RESULTS_FORMAT,
  RESULTS_VERSION,
  type CheckpointResult,
  type LadderResult,
  type StudyResults,
} from '../../../formats/study/study-results.ts';
import type { KeyValueStore } from '../../../core/key-value-store.ts';
import { JobQueue } from '../../jobs/job-queue.ts';
import type { ResolvedStudy } from '../plan/resolved-study.ts';
import type { StudyFailure } from '../run/study-run.ts';
import { summariseSet } from '../plan/study-sets.ts';
import type { ModelShape } from '../plan/model-shape.ts';
import type { AnalysisContext } from './analysis-context.ts';
import { LocalAnalyst, type Analyst } from './analyst.ts';
import { readVectors } from './checkpoint-analysis.ts';
import { LadderAnalysis } from './ladder-analysis.ts';
import { Pieces } from './pieces.ts';
import type { SurfaceFindings } from './surface.ts';

/** The layer's model, and the AUROC by layer that it was chosen by. */
export interface ChosenSite {
  readonly shape: ModelShape;
  readonly scores: readonly number[] | null; // null: the plan gave the layer
  readonly point: number; // the checkpoint of the scores, the last one by default
}

export interface ExportedDirections {
  readonly tensors: ReadonlyMap<string, Float32Tensor>;
  readonly absent: readonly string[]; // directions that point nowhere
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
    ...(study.shared.length > 0 && { shared: study.shared }),
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
  #surface: SurfaceFindings | null;
  #checkpoints: readonly CheckpointResult[] = [];

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
    this.#surface = knownSurface(this.#known);
    this.#ladder = new LadderAnalysis(context, store, analyst);
  }

  /** What needs no checkpoint. */
  async begin(): Promise<void> {
    this.#surface ??= await this.#analyst.surface();
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
    const ofLadder = new Pieces();
    return this.#resultsWith(failures, this.#ladder.result(ofLadder), ofLadder);
  }

  #resultsWith(failures: readonly StudyFailure[], ladder: LadderResult | null, ofLadder: Pieces): StudyResults {
    const leftOut = [...(this.#surface?.leftOut ?? []), ...ofLadder.leftOut];
    return {
      ...begunResults(this.#context.study),
      layer: this.#layerChoice(),
      surface: this.#surface?.rows ?? [],
      checkpoints: this.#checkpoints,
      ladder,
      failures: failures.map(({ point, error: { message, nextStep } }) => ({ point, message, nextStep })),
      ...(leftOut.length > 0 && { leftOut }),
    };
  }

  #layerChoice(): StudyResults['layer'] {
    if (this.#chosen === null) return null;
    const { shape, scores, point } = this.#chosen;
    const layer = { layer: this.#context.layer, layers: shape.layers, hidden: shape.hidden, scores };
    return point === this.#context.study.points.length - 1 ? layer : { ...layer, point };
  }

  /** The results once no more checkpoint comes. */
  async finish(failures: readonly StudyFailure[]): Promise<StudyResults> {
    const ofLadder = new Pieces();
    return this.#resultsWith(failures, await this.#ladder.finish(ofLadder), ofLadder);
  }

  /** `<checkpoint>.resid_post.<layer>.<name>` → [hidden], for checkpoints of the results. */
  async directions(checkpoints: readonly CheckpointResult[]): Promise<ExportedDirections> {
    const { study, layer } = this.#context;
    const tensors = new Map<string, Float32Tensor>();
    const absent: string[] = [];
    for (const { point, commit } of checkpoints) {
      const { directions } = await readVectors(this.#context, this.#store, point, commit);
      const label = study.points[point]?.point.label ?? String(point);
      for (const [index, direction] of directions.entries()) {
        const wanted = `${label}.${residPost(layer)}.${study.names[index] ?? ''}`;
        let key = wanted; // a label and a name may hold dots
        for (let count = 2; tensors.has(key); count++) key = `${wanted} (${count})`;
        if (direction === null) absent.push(key);
        else tensors.set(key, { shape: [direction.length], data: Float32Array.from(direction) });
      }
    }
    return { tensors, absent };
  }
}

/** Null where it was not worked out, or a part of it was left out, which is then tried again. */
function knownSurface(known: StudyResults | null): SurfaceFindings | null {
  if (known === null || known.surface.length === 0 || known.leftOut !== undefined) return null;
  return { rows: known.surface, leftOut: [] };
}
