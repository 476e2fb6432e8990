import type { DirectionName } from '../../core/categories.ts';
import { LabError } from '../../core/errors.ts';
import type { SteerClient } from '../../rpc/clients.ts';
import type { DirectionsSummary } from '../../labs/steer/steer-messages.ts';
import type { ProviderChoice } from '../../engine/device/device-report.ts';
import type { SteeringPositions, SteeringSettings } from '../../labs/steer/steering.ts';
import { AnswerRun, type RunOrigin } from './answer-run.svelte.ts';
import { valueOf } from '../page/async.ts';
import type { Lab, ModelChoice } from './open-model.svelte.ts';
import { projectionScale, tintOf, type ProjectionScale, type Tint } from './projection-scale.ts';
import type { SteerSettings } from './steer-settings.svelte.ts';
import { answerParams, plannedMoves } from './answer-params.ts';
import { DEFAULT_PARAMS } from './steer-params.ts';
import type { ShownToken } from './transcript.svelte.ts';
import { writeSteerQuery } from './steer-url.ts';

/** A token's place on the direction that colours it. */
export interface ShownReading {
  readonly projection: number; // a·d/‖d‖, the push included
  readonly push: number;
  readonly shown: number; // one or the difference, as chosen
  readonly scale: ProjectionScale; // of the layer that it was read at
}

/** The Steer page's verbs: what ties its choices, the open model and the answers together. */
export class SteerSession {
  readonly lab: Lab;
  readonly settings: SteerSettings;
  readonly run: AnswerRun;
  #askedQuery = $state.raw<string | null>(null);
  #promptError = $state.raw<LabError | null>(null);

  constructor(client: SteerClient, lab: Lab, settings: SteerSettings, nextFrame: (job: () => void) => void) {
    this.lab = lab;
    this.settings = settings;
    this.run = new AnswerRun(client, nextFrame);
  }

  /** The layer that is steered where nobody chose one. */
  readonly defaultLayer = $derived.by(
    () =>
      this.lab.suggestedLayer ?? valueOf(this.lab.model)?.steeringLayer ?? this.lab.ladder?.defaults.steeringLayer ?? 0,
  );

  /** The steered layer: the one chosen, else the model's own, kept inside the open model. */
  readonly layer = $derived.by(() => {
    const chosen = this.settings.params.layer ?? this.defaultLayer;
    const model = valueOf(this.lab.model);
    return model === null ? chosen : Math.min(chosen, model.layers - 1);
  });

  readonly steering: SteeringSettings = $derived.by(() => {
    const { positions, lambdas } = this.settings.params;
    return { layer: this.layer, positions, lambdas };
  });

  /** Whether the prompt goes through the chat template; base checkpoints have none. */
  readonly chat: boolean = $derived.by(() => {
    const model = valueOf(this.lab.model);
    return this.settings.params.template === 'chat' && (model === null || model.chat);
  });

  /** What the shown answers were last steered by, else what the sliders say. */
  readonly shownSteering: SteeringSettings = $derived.by(() => this.run.steering ?? this.steering);

  /** The choices that give the shown answers again, moves in mid-answer included; before there are any, those of the page. */
  readonly linkQuery: string = $derived.by(() => {
    const { colour, withoutPush } = this.settings.params;
    const params = answerParams(this.run);
    return params === null ? this.settings.query : writeSteerQuery({ ...params, colour, withoutPush });
  });

  /** The choices have changed since the shown answers were asked for. */
  readonly stale: boolean = $derived.by(
    () => !this.run.active && this.#askedQuery !== null && this.#askedQuery !== this.#answerQuery(),
  );

  /** What is wrong with the prompt itself: empty, or too long for the model. */
  readonly promptError: LabError | null = $derived.by(() => {
    const { state } = this.run;
    const failed = state.kind === 'failed' && state.error.code === 'context-length' ? state.error : null;
    return this.#promptError ?? failed;
  });

  /** The directions that the shown answers were read on, else those of the open model. */
  readonly readingDirections: DirectionsSummary | null = $derived.by(
    () => this.run.origin?.directions ?? valueOf(this.lab.directions),
  );

  // Derived one by one: the choices are replaced whole, and a move of λ should not repaint every token.
  readonly #colour = $derived.by(() => this.settings.params.colour);
  readonly #withoutPush = $derived.by(() => this.settings.params.withoutPush);

  /** [layers]: the scale of the chosen direction at each of them. */
  readonly #scales: readonly (ProjectionScale | null)[] = $derived.by(() => {
    const layers = this.readingDirections?.layers ?? [];
    return layers.map((directions) => {
      const direction = directions.find(({ name }) => name === this.#colour);
      return direction === undefined ? null : projectionScale(direction);
    });
  });

  scaleAt(layer: number): ProjectionScale | null {
    return this.#scales[layer] ?? null;
  }

  /** Projection of a token on the chosen direction, the part of it that steering added, and what of it is shown. */
  readingOf({ reading }: ShownToken): ShownReading | null {
    const at = this.readingDirections?.names.indexOf(this.#colour) ?? -1;
    const projection = reading?.projections[at];
    const push = reading?.pushes[at];
    const scale = reading === null ? null : this.scaleAt(reading.layer);
    if (projection === undefined || push === undefined || scale === null) return null;
    return { projection, push, shown: this.#withoutPush ? projection - push : projection, scale };
  }

  tintOf(token: ShownToken): Tint | null {
    const reading = this.readingOf(token);
    return reading === null ? null : tintOf(reading.scale, reading.shown);
  }

  /** Takes up a link's choices, opens its checkpoint unless that is open, and answers if the link says so. */
  async arrive(query: string): Promise<void> {
    const answerAtOnce = this.settings.load(query);
    this.#promptError = null;
    await this.openModel();
    if (answerAtOnce) await this.answer();
  }

  /** The page is shown again, or for the first time: a model opens where none was ever asked for. */
  async comeBack(): Promise<void> {
    if (this.lab.model.kind === 'idle') await this.openModel();
  }

  /** Begins to open the chosen model, unless that is open or opening. */
  async openModel(): Promise<void> {
    const { provider } = this.settings.params;
    const choice = this.#choice();
    this.lab.useSet(this.settings.params.directionSet);
    if (this.lab.isWanted(choice, provider)) return;
    await this.run.end();
    void this.lab.open(choice, provider);
  }

  async answer(): Promise<void> {
    const { prompt } = this.settings.params;
    if (prompt.trim() === '') {
      this.#promptError = new LabError('bad-request', 'The prompt is empty.', 'Type one, or choose an example.');
      return;
    }
    this.#promptError = null;
    await this.run.start(async () => ((await this.lab.whenOpen()) ? this.#origin() : null));
    const { state } = this.run;
    if (state.kind === 'failed' && state.error.code === 'device') this.lab.lose(state.error);
  }

  setPrompt(prompt: string): void {
    this.settings.set('prompt', prompt);
    this.#promptError = null;
  }

  setLambda(name: DirectionName, value: number): void {
    this.settings.setLambda(name, value);
    this.run.steer(this.steering);
  }

  resetLambdas(): void {
    this.settings.resetLambdas();
    this.run.steer(this.steering);
  }

  setLayer(layer: number): void {
    this.settings.setSteering({ layer: layer === this.defaultLayer ? null : layer });
    this.run.steer(this.steering);
  }

  /** The set of prompts that directions are made from; null: the one for the model. */
  chooseSet(set: string | null): void {
    this.settings.set('directionSet', set);
    this.settings.set('directionPrompts', null);
    this.lab.useSet(set);
  }

  setPositions(positions: SteeringPositions): void {
    this.settings.setSteering({ positions });
    this.run.steer(this.steering);
  }

  /** Opens another checkpoint, or the same one on another provider. */
  async choose(choice: ModelChoice, provider: ProviderChoice): Promise<void> {
    const isStored = choice.kind === 'saved';
    const before = JSON.stringify(this.#choice());
    const isDefault = isStored || choice.revision === this.lab.ladder?.defaults.revision;
    this.settings.set('model', isStored ? choice.name : null);
    this.settings.set('revision', isDefault ? null : choice.revision);
    this.settings.set('provider', provider);
    if (JSON.stringify(this.#choice()) !== before) this.settings.set('moves', []); // their layers belong to a model
    await this.run.end();
    await this.lab.open(this.#choice(), provider);
  }

  /** Opens the same model on another provider. */
  async runOn(provider: ProviderChoice): Promise<void> {
    await this.choose(this.#choice(), provider);
  }

  #choice(): ModelChoice {
    const { model, revision } = this.settings.params;
    return model === null ? { kind: 'built-in', revision } : { kind: 'saved', name: model };
  }

  #origin(): RunOrigin | null {
    const model = valueOf(this.lab.model);
    if (model === null) return null;
    const { params } = this.settings;
    const directions = this.lab.directionsFrom(params.directionPrompts);
    this.settings.set('directionPrompts', null); // of the link: the next answer takes the newest
    const { prompt, seed, maxTokens, pace, temperature, topK, topP, repetitionPenalty } = params;
    this.#askedQuery = this.#answerQuery();
    const sampling = { temperature, topK, topP, repetitionPenalty };
    const request = {
      prompt,
      chat: this.chat,
      sampling,
      seed,
      maxTokens,
      tokensPerSecond: pace,
      steering: this.steering,
      directionPrompts: directions?.prompts ?? params.directionPrompts,
      ...(params.moves.length > 0 && { moves: plannedMoves(params.moves, this.steering, model.layers) }),
    };
    return { request, model, directions, params };
  }

  /** The choices that an answer depends on: all but how it is coloured and how fast it is written. */
  #answerQuery(): string {
    const { colour, withoutPush, pace } = DEFAULT_PARAMS;
    return writeSteerQuery({ ...this.settings.params, colour, withoutPush, pace, directionPrompts: null });
  }
}
