/**
 * Stock transformers.js under Node. Its build for Node wants onnxruntime-node, 288 MB of native code; it takes another runtime where
 * `Symbol.for('onnxruntime')` names one, and here that is the project's onnxruntime-web. In a browser it needs none of this.
 */
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, basename } from 'node:path';
import * as ort from 'onnxruntime-web';
import { openNodeRuntime } from '../../src/engine/device/runtime.node.ts';

openNodeRuntime(1); // sets the threads that WASM starts with
ort.env.wasm.wasmPaths = new URL('.', import.meta.resolve('onnxruntime-web')).href; // else it takes them from a CDN
Reflect.set(globalThis, Symbol.for('onnxruntime'), ort);
const { AutoModelForCausalLM, AutoTokenizer, env, Tensor } = await import('@huggingface/transformers');
env.allowRemoteModels = false;
env.useFSCache = false;

type Tokenizer = Awaited<ReturnType<typeof AutoTokenizer.from_pretrained>>;
type Ids = readonly number[];

/** What the lab compares of a model that transformers.js has opened. */
export interface StockModel {
  /** Logits of every token: [tokens, vocab]. */
  logits(ids: Ids): Promise<Float32Array>;
  /** Greedy tokens after each row, rows padded on the left as transformers.js pads; what follows an end is left out. */
  generate(rows: readonly Ids[], maxTokens: number): Promise<number[][]>;
  dispose(): Promise<void>;
}

export async function openStock(folder: string): Promise<StockModel> {
  env.localModelPath = dirname(folder);
  // The Node build hands paths to its native runtime; the one for the web wants bytes.
  const names = (await readdir(join(folder, 'onnx'))).filter((name) => name.includes('.onnx_data'));
  const externalData = await Promise.all(
    names.map(async (path) => ({ path, data: new Uint8Array(await readFile(join(folder, 'onnx', path))) })),
  );
  const model = await AutoModelForCausalLM.from_pretrained(basename(folder), {
    device: 'auto',
    session_options: { externalData },
  });
  return {
    logits: async (ids) => {
      const { logits } = (await model(inputsOf([ids]))) as { logits: { data: Float32Array } };
      return logits.data;
    },
    generate: async (rows, maxTokens) => {
      const inputs = inputsOf(rows);
      const output = await model.generate({ ...inputs, max_new_tokens: maxTokens, do_sample: false });
      const ends = new Set([model.generation_config?.eos_token_id ?? []].flat());
      return (output as InstanceType<typeof Tensor>).tolist().map((row: bigint[]) => {
        const answer = row.slice(inputs.input_ids.dims[1]).map(Number);
        const end = answer.findIndex((id) => ends.has(id));
        return end < 0 ? answer : answer.slice(0, end);
      });
    },
    dispose: async () => {
      await model.dispose();
    },
  };
}

export function openStockTokenizer(folder: string): Promise<Tokenizer> {
  env.localModelPath = dirname(folder);
  return AutoTokenizer.from_pretrained(basename(folder));
}

function inputsOf(rows: readonly Ids[]): {
  input_ids: InstanceType<typeof Tensor>;
  attention_mask: InstanceType<typeof Tensor>;
} {
  const width = Math.max(...rows.map((ids) => ids.length));
  const padded = (ids: Ids, padding: number): number[] => [...Array<number>(width - ids.length).fill(padding), ...ids];
  const tensor = (values: number[]): InstanceType<typeof Tensor> =>
    new Tensor('int64', BigInt64Array.from(values, BigInt), [rows.length, width]);
  return {
    input_ids: tensor(rows.flatMap((ids) => padded(ids, 0))),
    attention_mask: tensor(
      rows.flatMap((ids) =>
        padded(
          ids.map(() => 1),
          0,
        ),
      ),
    ),
  };
}
