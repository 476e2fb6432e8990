import { BUILT_IN_SETS, type BuiltInSetFile } from '../../core/built-in-sets.ts';
import { asLabError, LabError } from '../../core/errors.ts';
import { shown } from '../../core/text/quote.ts';
import type { ExtractionClient } from '../../rpc/clients.ts';
import type {
  ExtractionPlan,
  ExtractionRequest,
  LayerChoice,
  PromptChoice,
} from '../../labs/extraction/extraction-messages.ts';
import type { SourceRef } from '../../labs/models/checkpoint-ref.ts';
import type { HubAccess } from '../../labs/models/models-messages.ts';
import type { Pooling } from '../../core/probes/pooling.ts';
import type { PromptTemplate } from '../../formats/prompts/prompt-template.ts';
import type { StreamedPrecision } from '../../engine/streamed/stage-graph.ts';
import { IDLE, ready, STARTING, type Async } from '../page/async.ts';

export type { Pooling, PromptTemplate, StreamedPrecision };

/** What activations are extracted of: a ladder, or one checkpoint. */
export interface ExtractionSubject {
  readonly id: string; // of the place on the page that offers it
  readonly title: string;
  readonly checkpoints: readonly SourceRef[];
  readonly template: PromptTemplate; // where nobody chose: base models have no chat template
}

interface OwnSet {
  readonly name: string;
  readonly text: string;
}

/** What is to be extracted, and what it would cost. Nothing is asked of anybody before `makePlan`. */
export class ExtractionForm {
  readonly #client: ExtractionClient;
  #openId = $state<string | null>(null);
  #sets = $state.raw<readonly BuiltInSetFile[]>(['harm-train.jsonl', 'harm-test.jsonl']);
  #own = $state.raw<readonly OwnSet[]>([]);
  #template = $state<PromptTemplate | null>(null);
  #layers = $state('');
  #pooling = $state<Pooling>('last');
  #precision = $state<StreamedPrecision>('float32');
  #plan = $state.raw<Async<ExtractionPlan>>(IDLE);
  #plannedFor = ''; // what the plan is of
  #waiting = $state<string | null>(null);
  #latest = 0; // stamp of the newest plan

  constructor(client: ExtractionClient) {
    this.#client = client;
  }

  get sets(): readonly BuiltInSetFile[] {
    return this.#sets;
  }
  get own(): readonly OwnSet[] {
    return this.#own;
  }
  get layers(): string {
    return this.#layers;
  }
  get pooling(): Pooling {
    return this.#pooling;
  }
  get precision(): StreamedPrecision {
    return this.#precision;
  }
  /** Why a look-up takes its time. */
  get waiting(): string | null {
    return this.#waiting;
  }

  isOpen(subject: ExtractionSubject): boolean {
    return this.#openId === subject.id;
  }

  templateFor(subject: ExtractionSubject): PromptTemplate {
    return this.#template ?? subject.template;
  }

  /** The plan, where it is of these checkpoints: a ladder can be edited after it was planned for. */
  planFor(subject: ExtractionSubject): Async<ExtractionPlan> {
    const plan = this.#plan;
    return this.#plannedFor === keyOf(subject) ? plan : IDLE;
  }

  open(subject: ExtractionSubject): void {
    this.#openId = subject.id;
    this.#template = null;
    this.forget();
  }

  close(): void {
    this.#openId = null;
    this.forget();
  }

  toggle(file: BuiltInSetFile): void {
    const isChosen = this.#sets.includes(file);
    const chosen = isChosen ? this.#sets.filter((set) => set !== file) : [...this.#sets, file];
    this.#sets = BUILT_IN_SETS.map((set) => set.file).filter((set) => chosen.includes(set));
    this.forget();
  }

  /** Adds somebody's own file: a table of text with a column of prompts, or one prompt a line. */
  async addOwn(file: File): Promise<void> {
    const text = await file.text();
    this.#own = [...this.#own.filter(({ name }) => name !== file.name), { name: file.name, text }];
    this.forget();
  }

  removeOwn(name: string): void {
    this.#own = this.#own.filter((set) => set.name !== name);
    this.forget();
  }

  choose(choice: {
    readonly template?: PromptTemplate;
    readonly layers?: string;
    readonly pooling?: Pooling;
    readonly precision?: StreamedPrecision;
  }): void {
    this.#template = choice.template ?? this.#template;
    this.#layers = choice.layers ?? this.#layers;
    this.#pooling = choice.pooling ?? this.#pooling;
    this.#precision = choice.precision ?? this.#precision;
    this.forget();
  }

  /** A plan belongs to other choices than those that stand there now. */
  forget(): void {
    this.#latest++;
    this.#plan = IDLE;
    this.#waiting = null;
  }

  /** Asks for config, headers and tokenizer of the first checkpoint, and for no weight. */
  async makePlan(subject: ExtractionSubject, access: HubAccess): Promise<void> {
    const stamp = ++this.#latest;
    this.#plannedFor = keyOf(subject);
    this.#plan = STARTING;
    try {
      const plan = await this.#client.plan(this.#request(subject), access, (waiting) => {
        if (stamp === this.#latest) this.#waiting = waiting;
      });
      if (stamp === this.#latest) this.#plan = ready(plan);
    } catch (error) {
      if (stamp === this.#latest) this.#plan = { kind: 'failed', error: asLabError(error) };
    } finally {
      if (stamp === this.#latest) this.#waiting = null;
    }
  }

  #request(subject: ExtractionSubject): ExtractionRequest {
    const builtIn = this.#sets.map((file): PromptChoice => ({ kind: 'built-in', file }));
    const own = this.#own.map(({ name, text }): PromptChoice => ({ kind: 'own', name, text }));
    return {
      title: subject.title,
      checkpoints: subject.checkpoints,
      promptSets: [...builtIn, ...own],
      template: this.templateFor(subject),
      layers: parseLayers(this.#layers),
      pooling: this.#pooling,
      precision: this.#precision,
    };
  }
}

const keyOf = ({ id, checkpoints }: ExtractionSubject): string => JSON.stringify([id, checkpoints.map(nameOf)]);

function nameOf(place: SourceRef): string {
  if (place.kind === 'folder') return place.name;
  if (place.kind === 'zip') return place.file.name;
  return `${place.kind === 'hub' ? place.repo : place.ladder}@${place.revision}`;
}

const MAX_LAYERS = 1000; // no model has so many

/** “”, the study’s; “all”; or layers and ranges of them: “3, 7, 12-15”. Throws `bad-request` for anything else. */
export function parseLayers(text: string): LayerChoice {
  const words = text.toLowerCase().split(/[\s,]+/).filter(Boolean); // prettier-ignore
  if (words.length === 0) return 'study';
  if (words.length === 1 && words[0] === 'all') return 'all';
  return words.flatMap((word) => {
    const [, first, last = first] = /^(\d{1,3})(?:[-–](\d{1,3}))?$/.exec(word) ?? [];
    if (first === undefined || last === undefined || Number(last) < Number(first)) {
      throw new LabError(
        'bad-request',
        `“${shown(word)}” is not a layer.`,
        'Write all, or layers such as 3, 7, 12-15.',
      );
    }
    return Array.from({ length: Math.min(MAX_LAYERS, Number(last) - Number(first) + 1) }, (_, i) => Number(first) + i);
  });
}
