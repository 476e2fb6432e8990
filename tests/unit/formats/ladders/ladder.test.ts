import { describe, expect, it } from 'vitest';
import { findCheckpoint, parseLadder } from '../../../../src/formats/ladders/ladder.ts';

const entry = {
  revision: 'stage1-step0',
  stage: 'init',
  step: 0,
  tokensSeen: 0,
  path: 'stage1-step0',
  files: { 'config.json': { bytes: 12, sha256: 'ab' } },
};
const defaults = { revision: 'Instruct', steeringLayer: 3, directionTemplate: 'chat', pooling: 'last' };
const ladder = {
  version: 1,
  id: 'tiny',
  name: 'Tiny',
  description: 'A ladder.',
  checkpoints: [entry, { ...entry, revision: 'Instruct', stage: 'instruct', step: 10, path: 'Instruct' }],
  defaults,
};

describe('parseLadder', () => {
  it('reads what it is given', () => {
    const parsed = parseLadder(ladder, 'ladder.json');
    expect(parsed).toEqual({
      id: 'tiny',
      name: 'Tiny',
      description: 'A ladder.',
      checkpoints: ladder.checkpoints,
      defaults,
    });
  });

  it('takes the last checkpoint where no default revision is named', () => {
    const others = { ...defaults, revision: undefined };
    expect(parseLadder({ ...ladder, defaults: others }, 'ladder.json').defaults.revision).toBe('Instruct');
  });

  it.each([
    ['version', { ...ladder, version: 2 }],
    ['checkpoints', { ...ladder, checkpoints: [] }],
    ['checkpoints', { ...ladder, checkpoints: {} }],
    ['checkpoint 1', { ...ladder, checkpoints: [null] }],
    ['checkpoint 1 has no revision', { ...ladder, checkpoints: [{ ...entry, revision: 5 }] }],
    ['checkpoint 2: stage', { ...ladder, checkpoints: [entry, { ...entry, stage: 'late' }] }],
    ['step', { ...ladder, checkpoints: [{ ...entry, step: -1 }] }],
    ['tokensSeen', { ...ladder, checkpoints: [{ ...entry, tokensSeen: '3' }] }],
    ['files', { ...ladder, checkpoints: [{ ...entry, files: ['config.json'] }] }],
    ['config.json', { ...ladder, checkpoints: [{ ...entry, files: { 'config.json': 'ab' } }] }],
    ['sha256', { ...ladder, checkpoints: [{ ...entry, files: { 'config.json': { bytes: 1 } } }] }],
    ['defaults', { ...ladder, defaults: undefined }],
    ['steeringLayer', { ...ladder, defaults: { ...defaults, steeringLayer: 'three' } }],
    ['steeringLayer', { ...ladder, defaults: { ...defaults, steeringLayer: 1.5 } }],
    ['directionTemplate', { ...ladder, defaults: { ...defaults, directionTemplate: 'plain' } }],
    ['pooling', { ...ladder, defaults: { ...defaults, pooling: 'sum' } }],
    ['revision', { ...ladder, defaults: { ...defaults, revision: 'elsewhere' } }],
    ['id', { ...ladder, id: undefined }],
  ])('names what is wrong: %s', (thing, bad) => {
    expect(() => parseLadder(bad, 'ladder.json')).toThrow(
      expect.objectContaining({ code: 'format', message: expect.stringContaining(thing) as string }) as Error,
    );
    expect(() => parseLadder(bad, 'ladder.json')).toThrow(/ladder\.json/);
  });
});

describe('findCheckpoint', () => {
  const parsed = parseLadder(ladder, 'ladder.json');

  it('finds a revision', () => {
    expect(findCheckpoint(parsed, 'Instruct').step).toBe(10);
  });

  it('names the revisions that there are where one is not found', () => {
    expect(() => findCheckpoint(parsed, 'stage1-step1')).toThrow(
      expect.objectContaining({
        code: 'not-found',
        message: expect.stringContaining('stage1-step1') as string,
        nextStep: expect.stringContaining('stage1-step0, Instruct') as string,
      }) as Error,
    );
  });
});
