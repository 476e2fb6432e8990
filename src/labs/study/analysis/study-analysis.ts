/** Builds up the results of a study. Earlier results of a checkpoint are reused; only its activations are read again. */
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

/** The model's shape, and the AUROC by layer that determined the choice of the layer. */
export interface ChosenSite {
  readonly shape: ModelShape;
  readonly scores: readonly number[] | null; // null: the plan gave the layer
  readonly point: number; // the checkpoint of the scores, usually the last one
}

export interface ExportedDirections {
  readonly tensors: ReadonlyMap<string, Float32Tensor>;
  readonly absent: readonly string[]; // directions of length 0
}

/** The results of a study that has just started. */
export function emptyResults(study: ResolvedStudy): StudyResults {
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
  readonly #inTurn = new JobQueue(); // checkpoints are added to the comparison one at a time
  readonly #ladder: LadderAnalysis;
  #surface: SurfaceFindings | null;
  #checkpoints: readonly CheckpointResult[] = [];

  /**
   * @param known earlier results of the same plan
   * @param chosen recorded in the results
   * @param analyst by default, this thread
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

  /** Computes what needs no checkpoint. */
  async begin(): Promise<void> {
    this.#surface ??= await this.#analyst.surface();
  }

  /** Adds a checkpoint whose units are all stored. Several can be added at the same time. */
  async add(point: number, commit: string): Promise<void> {
    const known = this.#known?.checkpoints.find((result) => result.point === point && result.commit === commit);
    const { result, ...compared } = await this.#analyst.analyse(point, commit, known ?? null);
    await this.#inTurn.add(async () => {
      await this.#ladder.add(compared);
      this.#checkpoints = [...this.#checkpoints, result].sort((a, b) => a.point - b.point);
    });
  }

  /** The number of checkpoints added. */
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
      ...emptyResults(this.#context.study),
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

  /** The final results, after the last checkpoint. */
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
        let key = wanted; // a label and a name may contain dots
        for (let count = 2; tensors.has(key); count++) key = `${wanted} (${count})`;
        if (direction === null) absent.push(key);
        else tensors.set(key, { shape: [direction.length], data: Float32Array.from(direction) });
      }
    }
    return { tensors, absent };
  }
}

/** The known surface results; null if they were not computed, or are incomplete and should be tried again. */
function knownSurface(known: StudyResults | null): SurfaceFindings | null {
  if (known === null || known.surface.length === 0 || known.leftOut !== undefined) return null;
  return { rows: known.surface, leftOut: [] };
}
