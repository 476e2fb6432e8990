import type { DirectionName } from '../../core/categories.ts';
import { DEFAULT_PARAMS, FIRST_VISIT, roundLambda, withoutZeros, type SteerParams } from './steer-params.ts';
import { readSteerQuery, writeSteerQuery, type UrlProblem } from './steer-url.ts';

/** The choices on the Steer page, replaced whole at every change. */
export class SteerSettings {
  #params = $state.raw<SteerParams>(DEFAULT_PARAMS);
  #problems = $state.raw<readonly UrlProblem[]>([]);

  get params(): SteerParams {
    return this.#params;
  }

  /** What the opened link said that could not be used. */
  get problems(): readonly UrlProblem[] {
    return this.#problems;
  }

  get query(): string {
    return writeSteerQuery(this.#params);
  }

  set<K extends keyof SteerParams>(name: K, value: SteerParams[K]): void {
    this.#params = { ...this.#params, [name]: value };
  }

  /** The query of these choices with another model; it names the model even where that is the default. */
  queryFor(choice: { readonly model: string } | { readonly revision: string }): string {
    const others = { ...this.#params, model: null, revision: null, layer: null, moves: [], directionPrompts: null }; // layers belong to a model
    if ('model' in choice) return writeSteerQuery({ ...others, model: choice.model });
    return writeSteerQuery({ ...others, revision: choice.revision });
  }

  /** Moves a part of the steering. What a link would have repeated is given up: from here on it is somebody's own. */
  setSteering(change: Partial<Pick<SteerParams, 'lambdas' | 'layer' | 'positions'>>): void {
    this.#params = { ...this.#params, ...change, moves: [] };
  }

  setLambda(name: DirectionName, value: number): void {
    this.setSteering({ lambdas: withoutZeros({ ...this.#params.lambdas, [name]: roundLambda(value) }) });
  }

  resetLambdas(): void {
    this.setSteering({ lambdas: {} });
  }

  /** Takes over the choices of a link; an empty one is a first visit. Says whether to answer at once. */
  load(query: string): boolean {
    const { params, problems, run } = readSteerQuery(query);
    this.#params = query === '' ? { ...params, ...FIRST_VISIT } : params;
    this.#problems = problems;
    return run;
  }

  dismissProblems(): void {
    this.#problems = [];
  }
}
