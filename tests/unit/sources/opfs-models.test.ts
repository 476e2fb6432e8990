import { describe, expect, it } from 'vitest';
import { modelFolderName } from '../../../src/sources/opfs-models.ts';

describe('modelFolderName', () => {
  it.each([
    ['allenai/OLMo-2-0425-1B@main', 'q4', 32, 'allenai.OLMo-2-0425-1B@main.q4-32'],
    ['allenai/Olmo-3-1025-7B@stage1-step1000', 'q8', 64, 'allenai.Olmo-3-1025-7B@stage1-step1000.q8-64'],
    ['my folder/übung', 'int8', 32, 'my.folder.bung.int8'],
  ] as const)('names %s in %s, blocks of %i: %s', (label, precision, blockSize, name) => {
    expect(modelFolderName(label, precision, blockSize)).toBe(name);
  });
});
