/** Comparisons between checkpoints, extended as checkpoints arrive, in any order. */
import { anglesBetween, subspaceOf, type Subspace } from '../../../core/linalg/principal-angles.ts';
import { cosineMatrix, drift } from '../../../core/probes/class-spread.ts';
import {
  GENERAL,
  NEGATIVE,
  type LadderDirection,
  type LadderResult,
  type StageJump,
  type SubspaceAngles,
} from '../../../formats/study/study-results.ts';
import type { KeyValueStore } from '../../../core/key-value-store.ts';
import type { AnalysisContext } from './analysis-context.ts';
import type { Analyst } from './analyst.ts';
import { centroidMap } from './centroid-map.ts';
import { orZeros } from './class-geometry.ts';
import { readTests } from './checkpoint-analysis.ts';
import type { ComparedCheckpoint } from './transfer.ts';
import type { CheckpointVectors } from './checkpoint-vectors.ts';
import { remember } from '../../../core/memoise.ts';
import { Pieces } from './pieces.ts';
import { stageSteps, type TestedJump } from './stage-jumps.ts';
import { comparedRows, TransferTable, type ComparedRows } from './transfer.ts';

export class LadderAnalysis {
  readonly #context: AnalysisContext;
  readonly #store: KeyValueStore;
  readonly #analyst: Analyst;
  readonly #transfer: TransferTable;
  // Cached, because angles are the only slow part of `result`.
  readonly #subspaces = new Map<number, Subspace>(); // by point
  readonly #angles = new Map<string, number[]>(); // in degrees, by pair of points
  readonly #tested = new Map<string, Promise<readonly TestedJump[]>>(); // by pair of points and test
  #done: readonly CheckpointVectors[] = []; // in training order

  constructor(context: AnalysisContext, store: KeyValueStore, analyst: Analyst) {
    this.#context = context;
    this.#store = store;
    this.#analyst = analyst;
    this.#transfer = new TransferTable(context);
  }

  async add(compared: ComparedCheckpoint): Promise<void> {
    const before = this.#done;
    this.#done = [...before, compared.vectors].sort((a, b) => a.point - b.point);
    this.#beginTests(); // in other threads, while this one compares
    await this.#transfer.add(compared, before, (other) => this.#readRows(other));
  }

  /** The comparisons so far; null with fewer than two checkpoints. */
  result(pieces = new Pieces()): LadderResult | null {
    if (this.#done.length < 2) return null;
    return {
      directions: this.#context.study.names.map((name, index) => this.#direction(name, index)),
      drift: this.#drift(),
      pca: pieces.try({ what: 'the map of centroids', direction: null, test: null }, null, () =>
        centroidMap(this.#done),
      ),
      angles: this.#subspaceAngles(pieces),
      jumps: [],
    };
  }

  /** The final result, with the tests between stages, which take a thousand permutations each. */
  async finish(pieces = new Pieces()): Promise<LadderResult | null> {
    if (this.#done.length < 2) return null;
    const jumps = this.#jumps(pieces); // runs while the rest is computed
    jumps.catch(() => undefined); // awaited below
    const result = this.result(pieces);
    return result === null ? null : { ...result, jumps: await jumps };
  }

  async #jumps(pieces: Pieces): Promise<StageJump[]> {
    const steps = stageSteps(this.#done.map(({ point }) => this.#stage(point)));
    const found: StageJump[] = [];
    for (const { from, to } of steps) {
      const [before, after] = [this.#done[from] as CheckpointVectors, this.#done[to] as CheckpointVectors];
      for (const { test, jumps } of this.#tests(before, after)) {
        const what = `the step ${this.#label(before)} → ${this.#label(after)}`;
        for (const jump of await pieces.later({ what, direction: null, test }, [], jumps)) found.push({ from, to, ...jump }); // prettier-ignore
      }
    }
    return found;
  }

  /** Starts the tests of the plan's stage transitions whose two checkpoints have arrived: this can be long before the end. */
  #beginTests(): void {
    const { points } = this.#context.study;
    for (const { from, to } of stageSteps(points.map((_, point) => this.#stage(point)))) {
      const [before, after] = [from, to].map((end) => this.#done.find(({ point }) => point === end));
      if (before !== undefined && after !== undefined) void this.#tests(before, after);
    }
  }

  #tests(
    before: CheckpointVectors,
    after: CheckpointVectors,
  ): { readonly test: string; readonly jumps: Promise<readonly TestedJump[]> }[] {
    return this.#context.tests.map(({ name: test }) => ({
      test,
      jumps: remember(this.#tested, `${before.point}/${after.point}/${test}`, () => {
        const jumps = this.#analyst.stageJumps(test, before, after);
        jumps.catch(() => undefined); // awaited at the end
        return jumps;
      }),
    }));
  }

  #label({ point }: CheckpointVectors): string {
    return this.#context.study.points[point]?.point.label ?? String(point);
  }

  #stage(point: number): string | null {
    return this.#context.study.points[point]?.point.stage ?? null;
  }

  async #readRows({ commit }: CheckpointVectors): Promise<ComparedRows> {
    const { comparedTests } = this.#context;
    return comparedRows(this.#context, await readTests(this.#context, this.#store, commit, comparedTests));
  }

  #direction(name: string, index: number): LadderDirection {
    return {
      name,
      cosines: cosineMatrix(orZeros(this.#done.map(({ directions }) => directions[index] ?? null))),
      transfer: this.#transfer.matrices(
        name,
        this.#done.map(({ point }) => point),
      ),
    };
  }

  /** Distances start at the second checkpoint, since the first has none before it. */
  #drift(): LadderResult['drift'] {
    return [NEGATIVE, ...this.#context.study.names].map((name) => {
      const centroids = this.#done.map((one) => one.centroids.get(name) ?? new Float64Array());
      const distances = centroids.slice(1).map((centroid, index) => drift(centroid, centroids[index] ?? centroid)); // prettier-ignore
      return { name, distances };
    });
  }

  #subspaceAngles(pieces: Pieces): SubspaceAngles[] {
    if (this.#context.study.names.length < 3) return []; // with `general` and one category there is no subspace to compare
    return this.#done.slice(1).flatMap((after, index): SubspaceAngles[] => {
      const before = this.#done[index] ?? after;
      const key = `${before.point}/${after.point}`;
      const piece = { what: `the angles ${this.#label(before)} → ${this.#label(after)}`, direction: null, test: null };
      const between = (): number[] => degreesBetween(this.#subspace(before), this.#subspace(after));
      const degrees = pieces.try(piece, null, () => remember(this.#angles, key, between));
      return degrees === null ? [] : [{ from: index, to: index + 1, degrees }];
    });
  }

  /** The subspace spanned by the directions of the categories. */
  #subspace({ point, directions }: CheckpointVectors): Subspace {
    const { names } = this.#context.study;
    return remember(this.#subspaces, point, () =>
      subspaceOf(
        directions.flatMap((direction, index) => (direction === null || names[index] === GENERAL ? [] : [direction])),
      ),
    );
  }
}

function degreesBetween(subspace: Subspace, other: Subspace): number[] {
  return [...anglesBetween(subspace, other)].map((angle) => (angle * 180) / Math.PI);
}
