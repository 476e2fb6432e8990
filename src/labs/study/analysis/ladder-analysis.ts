/** What takes several checkpoints: grows as they come, in whatever order they are done. */
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
  // Of all that is told anew each time, angles alone take long.
  readonly #subspaces = new Map<number, Subspace>(); // by point
  readonly #angles = new Map<string, number[]>(); // in degrees, by both points
  readonly #tested = new Map<string, Promise<readonly TestedJump[]>>(); // by both points and the test
  #done: readonly CheckpointVectors[] = []; // in the order of training

  constructor(context: AnalysisContext, store: KeyValueStore, analyst: Analyst) {
    this.#context = context;
    this.#store = store;
    this.#analyst = analyst;
    this.#transfer = new TransferTable(context);
  }

  async add(compared: ComparedCheckpoint): Promise<void> {
    const before = this.#done;
    this.#done = [...before, compared.vectors].sort((a, b) => a.point - b.point);
    this.#beginTests(); // elsewhere, while this thread compares
    await this.#transfer.add(compared, before, (other) => this.#readRows(other));
  }

  /** Null below two checkpoints. */
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

  /** The result with the tests between stages, which take a thousand permutations each. */
  async finish(pieces = new Pieces()): Promise<LadderResult | null> {
    if (this.#done.length < 2) return null;
    const jumps = this.#jumps(pieces); // under way while the rest is worked out
    jumps.catch(() => undefined); // heard below
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

  /** Of the steps that the plan has: both of their ends may be there long before the rest. */
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
        jumps.catch(() => undefined); // heard at the end
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

  /** Row 0 has no checkpoint before it, so distances begin at the second one. */
  #drift(): LadderResult['drift'] {
    return [NEGATIVE, ...this.#context.study.names].map((name) => {
      const centroids = this.#done.map((one) => one.centroids.get(name) ?? new Float64Array());
      const distances = centroids.slice(1).map((centroid, index) => drift(centroid, centroids[index] ?? centroid)); // prettier-ignore
      return { name, distances };
    });
  }

  #subspaceAngles(pieces: Pieces): SubspaceAngles[] {
    if (this.#context.study.names.length < 3) return []; // the general one, and one category is no subspace
    return this.#done.slice(1).flatMap((after, index): SubspaceAngles[] => {
      const before = this.#done[index] ?? after;
      const key = `${before.point}/${after.point}`;
      const piece = { what: `the angles ${this.#label(before)} → ${this.#label(after)}`, direction: null, test: null };
      const between = (): number[] => degreesBetween(this.#subspace(before), this.#subspace(after));
      const degrees = pieces.try(piece, null, () => remember(this.#angles, key, between));
      return degrees === null ? [] : [{ from: index, to: index + 1, degrees }];
    });
  }

  /** Of the directions of the categories. */
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
