/**
 * One golden case against the engine: how far every tensor lies from what transformers computed. Runs under Node and in the
 * browser's worker alike, so that both providers answer to the same numbers.
 */
import { relativeL2 } from '../../src/core/linalg/vectors.ts';
import { readJson, requireJson, type CheckpointFiles } from '../../src/engine/checkpoint/checkpoint-files.ts';
import { pool } from '../../src/core/probes/pooling.ts';
import { extractResiduals } from '../../src/engine/run/residuals.ts';
import { generate } from '../../src/engine/run/generate.ts';
import { OlmoModel } from '../../src/engine/run/model.ts';
import type { Runtime } from '../../src/engine/device/runtime.ts';
import { readFloat32, readSafetensorsHeader, type SafetensorsHeader } from '../../src/formats/bytes/safetensors.ts';
import type { ByteSource } from '../../src/formats/bytes/byte-source.ts';

export interface Deviation {
  readonly what: string;
  readonly relativeL2: number;
}

export interface GoldenReport {
  readonly single: readonly Deviation[]; // each prompt alone against the golden
  readonly batched: readonly Deviation[]; // all prompts in one right-padded batch, against each alone or the golden
  readonly generations: readonly { what: string; ids: readonly number[]; golden: readonly number[] }[];
}

interface GoldenJson {
  readonly steering: { layer: number; lambda: number };
  readonly logitPositions: 'all' | number; // of the last positions
  readonly prompts: readonly { id: string; ids: number[] }[];
  readonly generate: Record<string, { plain: { ids: number[] }; steered: { ids: number[] } }>;
}

/** How much of a case is run. */
export interface GoldenScope {
  /** Greedy answers are compared up to so many tokens. */
  readonly generatedTokens: number;
  /**
   * Prompts that are run alone and answered: all, or the first and the last, which are the shortest and the longest or
   * nearly so. The others are compared with the golden from within the batch.
   */
  readonly alone: 'all' | 'first and last';
}

/** `golden` holds golden.json and golden.safetensors; `checkpoint` the weights, often the same folder, which `open` makes a model of. */
export async function checkGoldenCase(
  golden: CheckpointFiles,
  checkpoint: CheckpointFiles,
  runtime: Runtime,
  scope: GoldenScope,
  open = (): Promise<OlmoModel> => OlmoModel.open(checkpoint, runtime, { precision: 'float32' }),
): Promise<GoldenReport> {
  const model = await open();
  try {
    const run = await GoldenRun.open(golden, model, scope);
    return {
      single: await run.singles(),
      batched: await run.batched(),
      generations: await run.generations(await stopIds(checkpoint), scope.generatedTokens),
    };
  } finally {
    await model.dispose();
  }
}

async function stopIds(checkpoint: CheckpointFiles): Promise<Set<number>> {
  const eos = (await readJson(checkpoint, 'generation_config.json'))?.['eos_token_id'];
  return new Set([eos].flat().filter((id): id is number => typeof id === 'number'));
}

interface Tensors {
  readonly logits: Float32Array; // [tokens, vocab]
  readonly residuals: ReadonlyMap<number, Float32Array>; // [tokens, hidden]
}

class GoldenRun {
  readonly #golden: GoldenJson;
  readonly #source: ByteSource;
  readonly #header: SafetensorsHeader;
  readonly #model: OlmoModel;
  readonly #push: Float32Array; // λ · direction [hidden]
  readonly #ids: ReadonlySet<string>; // of the prompts that are run alone
  readonly #computed = new Map<string, Tensors>();

  private constructor(
    golden: GoldenJson,
    source: ByteSource,
    header: SafetensorsHeader,
    model: OlmoModel,
    push: Float32Array,
    ids: ReadonlySet<string>,
  ) {
    this.#golden = golden;
    this.#source = source;
    this.#header = header;
    this.#model = model;
    this.#push = push;
    this.#ids = ids;
  }

  static async open(files: CheckpointFiles, model: OlmoModel, { alone }: GoldenScope): Promise<GoldenRun> {
    const golden = (await requireJson(files, 'golden.json')) as unknown as GoldenJson;
    const source = await files.open('golden.safetensors');
    if (source === null) throw new Error(`${files.label} has no golden.safetensors`);
    const header = await readSafetensorsHeader(source);
    const entry = header.tensors.get('direction');
    if (entry === undefined) throw new Error('no direction');
    const direction = await readFloat32(source, entry);
    const ids = golden.prompts.map(({ id }) => id);
    return new GoldenRun(
      golden,
      source,
      header,
      model,
      direction.map((value) => value * golden.steering.lambda),
      new Set(alone === 'all' ? ids : [ids.slice(0, 1), ids.slice(-1)].flat()),
    );
  }

  get #layers(): number[] {
    return Array.from({ length: this.#model.config.layers }, (_, layer) => layer);
  }

  async #tensor(name: string): Promise<Float32Array> {
    const entry = this.#header.tensors.get(name);
    if (entry === undefined) throw new Error(`the golden has no ${name}`);
    return readFloat32(this.#source, entry);
  }

  /** [layers, rows, hidden] with the push at the golden's layer on every row. */
  #steering(rows: number): Float32Array {
    const { hiddenSize, layers } = this.#model.config;
    const steering = new Float32Array(layers * rows * hiddenSize);
    for (let row = 0; row < rows; row++) {
      steering.set(this.#push, (this.#golden.steering.layer * rows + row) * hiddenSize);
    }
    return steering;
  }

  /** Every prompt's tensors, in one batch, padding cut away. */
  async #run(prompts: readonly (readonly number[])[], steered: boolean): Promise<Tensors[]> {
    const { hiddenSize, vocabSize } = this.#model.config;
    const steering = steered ? this.#steering(prompts.length) : null;
    const { logits, residuals, width } = await this.#model.forward({
      ids: prompts,
      cache: null,
      steering,
      logits: 'all',
      residuals: this.#layers,
    });
    const part = (values: Float32Array, row: number, size: number): Float32Array =>
      values.slice(row * width * size, (row * width + (prompts[row]?.length ?? 0)) * size);
    return prompts.map((_, row) => ({
      logits: part(logits ?? new Float32Array(), row, vocabSize),
      residuals: new Map([...residuals].map(([layer, values]) => [layer, part(values, row, hiddenSize)])),
    }));
  }

  /** One prompt's tensors without company, computed once. */
  async #alone(id: string, ids: readonly number[], steered: boolean): Promise<Tensors> {
    const key = `${id} ${steered}`;
    const known = this.#computed.get(key);
    if (known !== undefined) return known;
    const [tensors] = await this.#run([ids], steered);
    if (tensors === undefined) throw new Error(`no result for ${id}`);
    this.#computed.set(key, tensors);
    return tensors;
  }

  /** Logits as the golden stores them: at every position, or at the last ones. */
  #goldenPositions(logits: Float32Array): Float32Array {
    const { logitPositions } = this.#golden;
    return logitPositions === 'all' ? logits : logits.slice(-logitPositions * this.#model.config.vocabSize);
  }

  async singles(): Promise<Deviation[]> {
    const deviations: Deviation[] = [];
    for (const { id, ids } of this.#golden.prompts.filter(({ id }) => this.#ids.has(id))) {
      for (const steered of [false, true]) {
        deviations.push(...(await this.#fromGolden(id, await this.#alone(id, ids, steered), steered)));
      }
    }
    return deviations;
  }

  /** Every layer and the logits of a prompt against the golden; steered, it has the last layer alone. */
  async #fromGolden(id: string, { residuals, logits }: Tensors, steered: boolean): Promise<Deviation[]> {
    const deviations: Deviation[] = [];
    const compare = async (name: string, values: Float32Array | undefined): Promise<void> => {
      const what = `${steered ? 'steered.' : ''}${name}.${id}`;
      deviations.push({ what, relativeL2: relativeL2(values ?? new Float32Array(), await this.#tensor(what)) });
    };
    for (const layer of steered ? this.#layers.slice(-1) : this.#layers) {
      await compare(`resid_post.${layer}`, residuals.get(layer));
    }
    await compare('logits', this.#goldenPositions(logits));
    return deviations;
  }

  async batched(): Promise<Deviation[]> {
    const prompts = this.#golden.prompts.map(({ ids }) => ids);
    const deviations: Deviation[] = [];
    for (const steered of [false, true]) {
      const together = await this.#run(prompts, steered);
      for (const [row, { id, ids }] of this.#golden.prompts.entries()) {
        const inBatch = together[row];
        if (inBatch === undefined) throw new Error(`no result for ${id}`);
        if (!this.#ids.has(id)) {
          deviations.push(...(await this.#fromGolden(id, inBatch, steered)));
          continue;
        }
        const alone = await this.#alone(id, ids, steered);
        const name = `${steered ? 'steered ' : ''}${id}`;
        deviations.push({ what: `logits of ${name}`, relativeL2: relativeL2(inBatch.logits, alone.logits) });
        for (const layer of this.#layers) {
          const [a, b] = [inBatch.residuals.get(layer), alone.residuals.get(layer)];
          if (a === undefined || b === undefined) throw new Error(`no resid_post.${layer} for ${name}`);
          deviations.push({ what: `resid_post.${layer} of ${name}`, relativeL2: relativeL2(a, b) });
        }
      }
    }
    return [...deviations, ...(await this.#sharedStart())];
  }

  /** Prompts that begin with the same tokens, which an extraction computes once: one is nothing but the start. */
  async #sharedStart(): Promise<Deviation[]> {
    const { hiddenSize } = this.#model.config;
    const [first = [], ...others] = this.#golden.prompts.map(({ ids }) => ids.slice(0, 24));
    const prompts = [first, ...others.map((ids) => [...first, ...ids])];
    const deviations: Deviation[] = [];
    const pooled = await extractResiduals(this.#model, { prompts, layers: this.#layers, pooling: 'mean' });
    for (const [row, ids] of prompts.entries()) {
      const [alone] = await this.#run([ids], false);
      for (const [layer, values] of pooled) {
        const inBatch = values.subarray(row * hiddenSize, (row + 1) * hiddenSize);
        const expected = pool(alone?.residuals.get(layer) ?? new Float32Array(), ids.length, hiddenSize, 'mean');
        const what = `mean resid_post.${layer} of prompt ${row} after a shared start`;
        deviations.push({ what, relativeL2: relativeL2(inBatch, expected) });
      }
    }
    return deviations;
  }

  /** Greedy answers through the key-value cache, row 0 as is and row 1 steered, against full recomputation. */
  async generations(stop: ReadonlySet<number>, maxTokens: number): Promise<GoldenReport['generations']> {
    const { hiddenSize, layers } = this.#model.config;
    const steering = new Float32Array(layers * 2 * hiddenSize);
    steering.set(this.#push, (this.#golden.steering.layer * 2 + 1) * hiddenSize);
    const results: { what: string; ids: readonly number[]; golden: readonly number[] }[] = [];
    for (const { id, ids } of this.#golden.prompts) {
      const golden = this.#golden.generate[id];
      if (golden === undefined || !this.#ids.has(id)) continue;
      const rows: number[][] = [[], []];
      const steps = generate(this.#model, {
        prompts: [ids, ids],
        sampling: { temperature: 0, topK: 0, topP: 1, repetitionPenalty: 1 },
        seed: 0,
        maxTokens,
        stopIds: stop,
        control: () => ({ steering, readLayer: null }),
        tokensPerSecond: null,
        signal: new AbortController().signal,
      });
      for await (const { tokens } of steps) {
        for (const [row, token] of tokens.entries()) if (token !== null) rows[row]?.push(token);
      }
      const withoutStop = (all: readonly number[]): number[] =>
        all.slice(0, maxTokens).filter((token) => !stop.has(token));
      results.push({ what: `${id} as is`, ids: rows[0] ?? [], golden: withoutStop(golden.plain.ids) });
      results.push({ what: `${id} steered`, ids: rows[1] ?? [], golden: withoutStop(golden.steered.ids) });
    }
    return results;
  }
}
