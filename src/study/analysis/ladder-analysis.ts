/** What takes several checkpoints: grows as they come, in whatever order they are done. */
import type { Matrix } from '../../core/matrix.ts';
import { principalAngles } from '../../core/principal-angles.ts';
import { drift } from '../../core/spread.ts';
import { cosine } from '../../core/vectors.ts';
import {
  GENERAL,
  NEGATIVE,
  type LadderDirection,
  type LadderResult,
  type SubspaceAngles,
} from '../../formats/study-results.ts';
import type { AnalysisContext } from './analysis-context.ts';
import { centroidMap } from './centroid-map.ts';
import type { CheckpointVectors } from './checkpoint-analysis.ts';
import { stageJumps } from './stage-jumps.ts';
import { TransferTable } from './transfer.ts';

/** Activations of the tests that are kept between checkpoints; beyond, they are read again. */
const KEPT_BYTES = 400e6;

export class LadderAnalysis {
  readonly #context: AnalysisContext;
  readonly #reread: (point: number) => Promise<ReadonlyMap<string, Matrix>>;
  readonly #transfer: TransferTable;
  #done: readonly CheckpointVectors[] = []; // in the order of training
  #keptBytes = 0;

  /** `reread`: the tests' activations of a checkpoint that was added. */
  constructor(context: AnalysisContext, reread: (point: number) => Promise<ReadonlyMap<string, Matrix>>) {
    this.#context = context;
    this.#reread = reread;
    this.#transfer = new TransferTable(context);
  }

  async add(vectors: CheckpointVectors): Promise<void> {
    await this.#transfer.add(vectors, this.#done, (other) => this.#testsOf(other));
    const bytes = [...vectors.tests.values()].reduce((sum, { values }) => sum + values.byteLength, 0);
    const isKept = this.#keptBytes + bytes <= KEPT_BYTES;
    if (isKept) this.#keptBytes += bytes;
    const kept = isKept ? vectors : { ...vectors, tests: new Map<string, Matrix>() };
    this.#done = [...this.#done, kept].sort((a, b) => a.point - b.point);
  }

  /** Null below two checkpoints. */
  result(): LadderResult | null {
    if (this.#done.length < 2) return null;
    return {
      directions: this.#context.study.names.map((name, index) => this.#direction(name, index)),
      drift: this.#drift(),
      pca: centroidMap(this.#done),
      angles: this.#angles(),
      jumps: [],
    };
  }

  /** The result with the tests between stages, which take a thousand permutations each. */
  async finish(): Promise<LadderResult | null> {
    const result = this.result();
    if (result === null) return null;
    const whole = await Promise.all(this.#done.map(async (one) => ({ ...one, tests: await this.#testsOf(one) })));
    return { ...result, jumps: stageJumps(this.#context, whole) };
  }

  async #testsOf(vectors: CheckpointVectors): Promise<ReadonlyMap<string, Matrix>> {
    return vectors.tests.size > 0 ? vectors.tests : this.#reread(vectors.point);
  }

  #direction(name: string, index: number): LadderDirection {
    const vectors = this.#done.map(({ directions }) => directions[index] ?? new Float64Array());
    return {
      name,
      cosines: vectors.map((a) => vectors.map((b) => cosine(a, b))),
      transfer: this.#transfer.matrices(
        name,
        this.#done.map(({ point }) => point),
      ),
    };
  }

  /** Row 0 has no checkpoint before it, so distances begin at the second one. */
  #drift(): LadderResult['drift'] {
    return [NEGATIVE, ...this.#context.study.names].map((name) => {
      const centroids = this.#done.map((one) => one.centroids.get(name) ?? new Float64Array());
      const distances = centroids.slice(1).map((centroid, index) => drift(centroid, centroids[index] ?? centroid)); // prettier-ignore
      return { name, distances };
    });
  }

  #angles(): SubspaceAngles[] {
    const places = this.#context.study.names.flatMap((name, index) => (name === GENERAL ? [] : [index]));
    if (places.length < 2) return [];
    const spans = this.#done.map(({ directions }) => places.map((place) => directions[place] ?? new Float64Array()));
    return spans.slice(1).map((span, index) => ({
      from: index,
      to: index + 1,
      degrees: [...principalAngles(spans[index] ?? span, span)].map((angle) => (angle * 180) / Math.PI),
    }));
  }
}
