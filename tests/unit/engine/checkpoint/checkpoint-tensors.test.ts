import { describe, expect, it } from 'vitest';
import { CheckpointTensors } from '../../../../src/engine/checkpoint/checkpoint-tensors.ts';
import type { CheckpointFiles } from '../../../../src/engine/checkpoint/checkpoint-files.ts';
import { writeSafetensors } from '../../../../src/formats/bytes/safetensors.ts';
import { goldenFiles, madeUpFiles, memoryFiles, openModel } from '../../../support/checkpoint-fixtures.ts';

const one = (name: string, ...data: number[]): Uint8Array =>
  writeSafetensors({ [name]: { shape: [data.length], data: Float32Array.from(data) } });

const SHARDED = {
  'model.safetensors.index.json': JSON.stringify({ weight_map: { a: 'm-1.safetensors', b: 'm-2.safetensors' } }),
  'm-1.safetensors': one('a', 1),
  'm-2.safetensors': one('b', 2, 3),
};

describe('CheckpointTensors', () => {
  it('refuses weights with more layers than config.json', async () => {
    const file = one('model.layers.3.self_attn.q_proj.weight', 1);
    const index = JSON.stringify({ weight_map: { 'model.layers.3.mlp.up_proj.weight': 'm-1.safetensors' } });
    for (const files of [{ 'model.safetensors': file }, { 'model.safetensors.index.json': index }]) {
      const tensors = await CheckpointTensors.open(memoryFiles(files));
      await tensors.checkLayers(4);
      await expect(tensors.checkLayers(3)).rejects.toThrow(
        'config.json of made-up has 3 layers; its weights hold layer 3.',
      );
    }
  });

  it('reads a tensor of the single file', async () => {
    const tensors = await CheckpointTensors.open(memoryFiles({ 'model.safetensors': one('a', 1, 2) }));
    expect(await tensors.read('a', [2])).toEqual(Float32Array.of(1, 2));
  });

  it('reads each tensor from the shard that the index names, and opens a shard once, when it is needed', async () => {
    const opened: string[] = [];
    const files = memoryFiles(SHARDED);
    const watched: CheckpointFiles = {
      label: 'watched',
      open: (file) => {
        opened.push(file);
        return files.open(file);
      },
    };
    const tensors = await CheckpointTensors.open(watched);
    expect(opened).toEqual(['model.safetensors', 'model.safetensors.index.json']); // a single file is preferred
    expect(await tensors.read('b', [2])).toEqual(Float32Array.of(2, 3));
    expect(await tensors.read('b', [2])).toEqual(Float32Array.of(2, 3));
    expect(opened.slice(2)).toEqual(['m-2.safetensors']);
  });

  it('reads shards of a checkpoint that transformers saved', async () => {
    const tensors = await CheckpointTensors.open(await goldenFiles('olmo3-bf16-sharded'));
    const { source } = await tensors.locate('model.embed_tokens.weight', [120, 64]);
    expect(source.name).toMatch(/model-0000\d-of-00003\.safetensors/);
  });

  it('reads the single file where both are there, as transformers does', async () => {
    const single = writeSafetensors({ b: { shape: [2], data: Float32Array.of(8, 9) } });
    const tensors = await CheckpointTensors.open(memoryFiles({ ...SHARDED, 'model.safetensors': single }));
    expect(await tensors.read('b', [2])).toEqual(Float32Array.of(8, 9));
  });

  it('names a shard that is missing, and finds it once it is there', async () => {
    const files: Record<string, string | Uint8Array> = { ...SHARDED };
    delete files['m-2.safetensors'];
    const tensors = await CheckpointTensors.open(memoryFiles(files, 'folder'));
    await expect(tensors.read('b', [2])).rejects.toMatchObject({
      code: 'not-found',
      message: 'folder: the shard m-2.safetensors is missing.',
    });
    files['m-2.safetensors'] = SHARDED['m-2.safetensors'];
    expect(await tensors.read('b', [2])).toEqual(Float32Array.of(2, 3));
  });

  it('names a tensor that the index does not have', async () => {
    const tensors = await CheckpointTensors.open(memoryFiles(SHARDED, 'folder'));
    await expect(tensors.read('c', [1])).rejects.toMatchObject({
      code: 'format',
      message: 'folder has no tensor c.',
    });
  });

  it('names tensor and file where the file does not hold what it should', async () => {
    const files = { ...SHARDED, 'm-2.safetensors': one('z', 1) };
    const tensors = await CheckpointTensors.open(memoryFiles(files, 'folder'));
    await expect(tensors.read('b', [2])).rejects.toThrow('folder has no tensor b in m-2.safetensors.');
  });

  it('names both shapes where they differ', async () => {
    const tensors = await CheckpointTensors.open(memoryFiles(SHARDED));
    await expect(tensors.read('b', [1, 2])).rejects.toMatchObject({
      code: 'format',
      message: 'm-2.safetensors: tensor b has shape [2]; config.json asks for [1, 2].',
    });
  });

  it.each([
    ['an index without a map', { 'model.safetensors.index.json': '{}' }, 'format', /index\.json .*weight_map/],
    [
      'a shard outside of the folder',
      { 'model.safetensors.index.json': '{"weight_map":{"a":"../m-1.safetensors"}}' },
      'format',
      /puts a into "\.\.\/m-1/,
    ],
    [
      'a shard at an absolute path',
      { 'model.safetensors.index.json': '{"weight_map":{"a":"C:\\\\m.safetensors"}}' },
      'format',
      /puts a into/,
    ],
    [
      'a tensor twice',
      { 'model.safetensors.index.json': '{"weight_map":{"a":"m-1.safetensors","a":"m-2.safetensors"}}' },
      'format',
      /lists a twice/,
    ],
    [
      'an index that is a pointer',
      { 'model.safetensors.index.json': 'version https://git-lfs.github.com/spec/v1\n' },
      'format',
      /index\.json .*Git LFS pointer/,
    ],
    ['a GGUF beside it', { 'model.gguf': 'GGUF' }, 'format', /as model\.gguf/],
    ['an index with a bad map', { 'model.safetensors.index.json': '{"weight_map":{"a":1}}' }, 'format', /weight_map/],
    ['an index that is not JSON', { 'model.safetensors.index.json': '{' }, 'format', /index\.json of folder/],
    ['pickles only', { 'pytorch_model.bin': '' }, 'format', /folder holds its weights as pytorch_model\.bin/],
    ['sharded pickles', { 'pytorch_model.bin.index.json': '{}' }, 'format', /pytorch_model\.bin\.index\.json/],
    ['no weights', { 'config.json': '{}' }, 'not-found', /folder has neither model\.safetensors nor/],
    ['a truncated file', { 'model.safetensors': one('a', 1, 2).subarray(0, -2) }, 'format', /tensor a ends at byte/],
  ])('refuses %s', async (_, files, code, message) => {
    await expect(CheckpointTensors.open(memoryFiles(files, 'folder'))).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message) as string,
    });
  });
});

describe('a model', () => {
  it('names the file that a folder lacks', async () => {
    await expect(openModel(memoryFiles({}, 'folder'))).rejects.toMatchObject({
      code: 'not-found',
      message: 'folder has no config.json.',
    });
  });

  it('names the tensor whose shape is not that of its config', async () => {
    const files = madeUpFiles();
    const config = JSON.parse(files['config.json'] as string) as object;
    await expect(
      openModel(memoryFiles({ ...files, 'config.json': JSON.stringify({ ...config, intermediate_size: 40 }) })),
    ).rejects.toThrow(/tensor model\.layers\.0\.mlp\.gate_proj\.weight has shape \[24, 32\].*\[40, 32\]/);
    await expect(
      openModel(memoryFiles({ ...files, 'config.json': JSON.stringify({ ...config, vocab_size: 301 }) })),
    ).rejects.toThrow(/tensor model\.embed_tokens\.weight has shape \[300, 32\]/);
    await expect(
      openModel(
        memoryFiles({
          ...files,
          'config.json': JSON.stringify({ ...config, num_hidden_layers: 4, layer_types: null }),
        }),
      ),
    ).rejects.toThrow(/no tensor model\.layers\.3\./);
  });
});
