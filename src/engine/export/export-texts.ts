/** The small files of an export: what stock software reads beside the graph and its weights. */
import { isJsonObject, type JsonObject } from '../../formats/bytes/json.ts';
import type { Manifest } from '../convert/manifest.ts';
import type { Precision } from '../graph/precisions.ts';
import type { NamedTokens } from '../tokens/special-tokens.ts';

/** transformers.js's name of a precision, and what it puts behind `model`. Reference: its `utils/dtypes.js`. */
export const DTYPES = {
  float32: { dtype: 'fp32', suffix: '' },
  float16: { dtype: 'fp16', suffix: '_fp16' },
  q8: { dtype: 'q8', suffix: '_quantized' },
  'q4-mixed': { dtype: 'q4', suffix: '_q4' },
  q4: { dtype: 'q4', suffix: '_q4' },
  int8: { dtype: 'int8', suffix: '_int8' },
} as const satisfies Record<Precision, { readonly dtype: string; readonly suffix: string }>;

/** config.json with what the loader has to know: which precision is there, and in how many files its weights lie. */
export function exportedConfig(config: JsonObject, precision: Precision, dataFiles: number): JsonObject {
  const { dtype, suffix } = DTYPES[precision];
  const known = config['transformers.js_config'];
  return {
    ...config,
    'transformers.js_config': {
      ...(isJsonObject(known) ? known : {}),
      dtype,
      use_external_data_format: { [`model${suffix}.onnx`]: dataFiles },
    },
  };
}

/**
 * tokenizer_config.json with what transformers.js reads from it alone: the chat template (chat_template.jinja is for processors there),
 * with the line ends that Jinja makes of any, and the special tokens by name, wherever the checkpoint has them.
 */
export function exportedTokenizerConfig(
  config: JsonObject,
  chatTemplate: string | null,
  tokens: NamedTokens,
): JsonObject {
  const changed = Object.entries(tokens).filter(([name, token]) => {
    const value = config[name];
    const content = isJsonObject(value) ? value['content'] : value;
    return JSON.stringify(content) !== JSON.stringify(token);
  });
  const template = chatTemplate ?? config['chat_template'];
  return {
    ...config,
    ...Object.fromEntries(changed),
    ...(typeof template === 'string' && { chat_template: template.replaceAll(/\r\n?/g, '\n') }),
  };
}

const WEIGHTS = {
  float32: 'in float32',
  float16: 'in float16; products are summed in float32',
  q8: 'in blocks of 8 bits (MatMulNBits)',
  'q4-mixed': 'in blocks of 4 bits; value, output and down projections in blocks of 8 bits (MatMulNBits)',
  q4: 'in blocks of 4 bits (MatMulNBits)',
  int8: 'in 8 bits, activations too (MatMulIntegerToFloat, which is for WASM)',
} as const satisfies Record<Precision, string>;

/** What the folder is and how it is used. `name` is the folder's. */
export function exportedReadme(
  { label, precision, sources }: Manifest,
  { name, contextLength, hasChatTemplate }: { name: string; contextLength: number; hasChatTemplate: boolean },
): string {
  const { dtype } = DTYPES[precision];
  const checked = sources.flatMap(({ file, sha256 }) => (sha256 === null ? [] : [`    ${sha256}  ${file}`]));
  const prompt = hasChatTemplate ? "[{ role: 'user', content: 'Hello' }]" : "'Once upon a time'";
  return [
    ...['---', 'library_name: transformers.js', 'pipeline_tag: text-generation', '---', ''],
    ...[`# ${label} for transformers.js`, ''],
    `Weights ${WEIGHTS[precision]}; the embedding table in float32. Up to ${contextLength} positions.`,
    ...['Exported by Harmscope from a checkpoint whose licence still holds.', ''],
    '    import { env, pipeline } from "@huggingface/transformers"; // 4.3 or newer',
    ...['    env.allowLocalModels = true;', '    env.localModelPath = "/models/"; // the folder that this one lies in'],
    `    const write = await pipeline("text-generation", ${JSON.stringify(name)}, { dtype: "${dtype}" });`,
    ...[`    console.log(await write(${prompt}, { max_new_tokens: 100 }));`, ''],
    ...(checked.length > 0 ? ['Made from files with these SHA-256:', '', ...checked, ''] : []),
  ].join('\n');
}
