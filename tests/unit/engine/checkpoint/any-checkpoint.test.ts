import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LabError } from '../../../../src/core/errors.ts';
import { CheckpointTensors } from '../../../../src/engine/checkpoint/checkpoint-tensors.ts';
import { parseConfig } from '../../../../src/engine/checkpoint/config.ts';
import { buildDecoder } from '../../../../src/engine/graph/decoder.ts';
import { readZip } from '../../../../src/engine/checkpoint/zip-files.ts';
import { bytesSource } from '../../../../src/formats/bytes/byte-source.ts';
import { readSafetensorsHeader, writeSafetensors } from '../../../../src/formats/bytes/safetensors.ts';
import { withHeaderText } from '../../../support/safetensors-bytes.ts';
import { MADE_UP_CONFIG, memoryFiles } from '../../../support/checkpoint-fixtures.ts';
import { testSeed } from '../../../support/test-seed.ts';

const RUNS = { seed: testSeed(14), numRuns: 300 };

const YARN = { rope_type: 'yarn', factor: 4, original_max_position_embeddings: 16 };
const oddNumber = fc.oneof(
  fc.constantFrom(0, -1, 0.5, 1e9, 2 ** 40, 2 ** 53, 1e300, -0),
  fc.double({ noNaN: true }),
  fc.integer(),
);
const oddValue = fc.oneof(
  oddNumber,
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom('yarn', 'default', YARN, { full_attention: YARN, sliding_attention: {} }, [], {}, null, true, 'silu'),
);
const KEYS = [
  ...Object.keys(MADE_UP_CONFIG),
  ...['rope_scaling', 'rope_parameters', 'head_dim', 'hidden_act', 'partial_rotary_factor', 'clip_qkv'],
  ...['__proto__', 'constructor', 'original_max_position_embeddings'],
];

/** Runs a job; it may succeed, or throw a `LabError` of a bounded message. */
async function onlyTypedErrors(job: () => unknown): Promise<void> {
  const error: unknown = await Promise.resolve()
    .then(job)
    .then(
      () => null,
      (reason: unknown) => reason,
    );
  if (error === null) return;
  expect(error).toBeInstanceOf(LabError);
  expect((error as LabError).code).not.toBe('internal');
  expect((error as LabError).message.length).toBeLessThanOrEqual(600);
}

describe('whatever a checkpoint holds, it is read or refused by a typed error', () => {
  it('config.json', async () => {
    const changed = fc
      .array(fc.tuple(fc.constantFrom(...KEYS), oddValue), { maxLength: 3 })
      .map((changes) => JSON.parse(JSON.stringify({ ...MADE_UP_CONFIG, ...Object.fromEntries(changes) })) as object);
    await fc.assert(
      fc.asyncProperty(changed, (config) =>
        onlyTypedErrors(() => {
          const parsed = parseConfig(config as Record<string, unknown>);
          const layout = { blockSize: 32, partWeights: 1e9 } as const;
          if (parsed.layers < 8) buildDecoder(parsed, { precision: 'float32', capacity: 1, layout });
        }),
      ),
      RUNS,
    );
  });

  it('safetensors', async () => {
    const whole = writeSafetensors({ w: { shape: [2, 3], data: new Float32Array(6) }, v: { shape: [1], data: new Float32Array(1) } }); // prettier-ignore
    const spoilt = fc
      .array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 4 })
      .map((changes) => changes.reduce((bytes, [at, value]) => bytes.with(at, value), whole));
    const entry = fc.record({
      dtype: fc.oneof(fc.constantFrom('F32', 'BF16', 'BOOL', 'toString'), fc.string()),
      shape: fc.oneof(fc.array(oddNumber, { maxLength: 4 }), fc.jsonValue()),
      data_offsets: fc.oneof(fc.tuple(oddNumber, oddNumber), fc.jsonValue()),
    });
    const header = fc
      .dictionary(fc.oneof(fc.string(), fc.constantFrom('__metadata__', '__proto__')), fc.oneof(entry, fc.jsonValue()))
      .map((tensors) => withHeaderText(JSON.stringify(tensors), new Uint8Array(24)));
    const bytes = fc.oneof(spoilt, header, fc.uint8Array({ maxLength: 700 }));
    await fc.assert(
      fc.asyncProperty(bytes, (file) => onlyTypedErrors(() => readSafetensorsHeader(bytesSource('f', file)))),
      RUNS,
    );
  });

  it('an index and the shards that it names', async () => {
    const name = fc.oneof(fc.string(), fc.constantFrom('../m', '/m', 'm.safetensors', '__proto__', '..', ''));
    const index = fc.oneof(
      fc.record({ weight_map: fc.dictionary(fc.string(), fc.oneof(name, fc.jsonValue())) }),
      fc.jsonValue(),
    );
    await fc.assert(
      fc.asyncProperty(index, (json) =>
        onlyTypedErrors(async () => {
          const files = memoryFiles({ 'model.safetensors.index.json': JSON.stringify(json) });
          await (await CheckpointTensors.open(files)).list();
        }),
      ),
      RUNS,
    );
  });

  it('a ZIP', async () => {
    const magic = fc.constantFrom('PK\x03\x04', 'PK\x05\x06', 'PK', 'GGUF', '');
    const bytes = fc
      .tuple(magic, fc.uint8Array({ maxLength: 200 }))
      .map(([start, rest]) => Uint8Array.from([...Buffer.from(start, 'latin1'), ...rest]));
    await fc.assert(
      fc.asyncProperty(bytes, (file) => onlyTypedErrors(() => readZip(bytesSource('f.zip', file)))),
      RUNS,
    );
  });
});
