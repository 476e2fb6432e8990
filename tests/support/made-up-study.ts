/** A study of made-up prompts and activations: two categories, four checkpoints at which the classes come apart more and more. */
import { createRandom, gaussian } from '../../src/core/sampling/random.ts';
import type { Ladder } from '../../src/formats/ladders/ladder.ts';
import type { Prompt } from '../../src/formats/prompts/prompt-set.ts';
import type { StudyPlan } from '../../src/formats/study/study-plan.ts';
import type { StudySources } from '../../src/labs/study/plan/resolve-study.ts';
import type { StudyStore } from '../../src/labs/study/run/study-store.ts';

export const HIDDEN = 16;
const COUNTS = { train: 40, test: 24 } as const; // prompts of a class

export const PLAN: StudyPlan = {
  version: 1,
  name: 'Made-up study',
  concept: { positive: 'harmful', negative: 'safe' },
  ladder: { kind: 'built-in', id: 'made-up', revisions: 'all' },
  sets: ['train', 'test', 'rewritten', 'truth'].map((name) => ({
    name,
    source: { kind: 'built-in', file: `${name}.jsonl` },
    part: null,
  })),
  train: ['train'],
  tests: [
    { name: 'In distribution', role: 'in-distribution', sets: ['test'] },
    { name: 'Rewritten', role: 'rewritten', sets: ['rewritten'] },
  ],
  truth: 'truth',
  layer: 1,
  sweep: true,
  pooling: 'last',
  template: 'raw',
  resamples: 100,
  controlRepeats: 5,
  seed: 7,
};

const REVISIONS = [
  ['step0', 'init'],
  ['step10', 'pretraining'],
  ['SFT', 'sft'],
  ['Instruct', 'instruct'],
] as const;

export const LADDER: Ladder = {
  id: 'made-up',
  name: 'Made-up',
  description: '',
  checkpoints: REVISIONS.map(([revision, stage], index) => ({
    revision,
    stage,
    step: index * 10,
    tokensSeen: index * 1000,
    path: revision,
    files: { 'model.safetensors': { bytes: 10, sha256: commitOf(index) } },
  })),
  defaults: { revision: 'Instruct', steeringLayer: 1, directionTemplate: 'raw', pooling: 'last' },
};

export function commitOf(point: number): string {
  return `c${point}`.padEnd(64, '0');
}

/** What the prompts of a set are. */
export function promptsOf(name: string): Prompt[] {
  const count = name === 'train' ? COUNTS.train : COUNTS.test;
  const rows = (label: Prompt['label'], category: string): Prompt[] =>
    Array.from({ length: count }, (_, index) => ({
      id: `${name}-${category}-${index}`,
      text: `${name} ${category} ${label} number ${index}${label === 'harmful' ? '!' : '.'}`,
      label,
      category,
      split: name,
    }));
  if (name === 'truth') return [...rows('true', 'fact'), ...rows('false', 'fact')];
  return [...rows('safe', 'safe'), ...rows('harmful', 'theft'), ...rows('harmful', 'violence')];
}

export const SOURCES: StudySources = {
  fetchLadder: () => Promise.resolve(LADDER),
  shape: () => Promise.resolve({ layers: 3, hidden: HIDDEN, room: 1024 }),
  tokenizer: () => Promise.reject(new Error('no prompt here is long')),
  readSet: (source) => Promise.resolve(promptsOf(source.kind === 'built-in' ? source.file.replace('.jsonl', '') : '')),
};

/** Activations [prompts, HIDDEN]: noise, and the class's own axis as far as the checkpoint has learnt it. */
export function activationsOf(point: number, prompts: readonly Prompt[], seed: number): Float32Array {
  const random = createRandom(seed + 101 * point);
  const values = new Float32Array(prompts.length * HIDDEN);
  for (const [row, { label, category }] of prompts.entries()) {
    for (let i = 0; i < HIDDEN; i++) values[row * HIDDEN + i] = gaussian(random);
    if (label !== 'harmful') continue;
    const axis = row * HIDDEN + (category === 'theft' ? 1 : 2);
    values[row * HIDDEN] = (values[row * HIDDEN] ?? 0) + 3 * point;
    values[axis] = (values[axis] ?? 0) + point;
  }
  return values;
}

export class MemoryStore implements StudyStore {
  readonly values = new Map<string, unknown>();
  get(key: string): Promise<unknown> {
    return Promise.resolve(this.values.get(key));
  }
  set(key: string, value: unknown): Promise<void> {
    this.values.set(key, structuredClone(value));
    return Promise.resolve();
  }
  remove(keys: readonly string[]): Promise<void> {
    for (const key of keys) this.values.delete(key);
    return Promise.resolve();
  }
  keys(): Promise<readonly string[]> {
    return Promise.resolve([...this.values.keys()]);
  }
}
