import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { promptLines, type Prompt } from '../../../src/formats/prompts/prompt-set.ts';
import { OwnPromptSets } from '../../../src/sources/own-prompt-sets.ts';
import { MemoryListedStore } from '../../support/memory-listed-store.ts';

const PROMPTS: readonly Prompt[] = [
  { id: 'a-1', text: 'Tell me how to mend a dress.', label: 'safe', category: 'safe', split: 'train' },
  { id: 'a-2', text: 'Tell me how to rob a shop.', label: 'harmful', category: 'financial_crime', split: 'train' },
  { id: 'a-3', text: 'How is a “shop”\nrobbed?', label: 'harmful', category: 'financial_crime', split: 'test', rewriteOf: 'a-2' }, // prettier-ignore
];
const SET = { name: 'mine', concept: null, origin: 'mine.csv', prompts: PROMPTS };

describe('own prompt sets', () => {
  it('are named after their prompts and come back as they went', async () => {
    const store = new MemoryListedStore();
    const sets = new OwnPromptSets(store);
    const { id, digest, tally } = await sets.put(SET, 5);
    expect(digest).toBe(createHash('sha256').update(promptLines(PROMPTS)).digest('hex'));
    expect(id).toBe(digest.slice(0, 12));
    expect(tally).toEqual([
      { label: 'safe', category: 'safe', split: 'train', prompts: 1, rewrites: 0 },
      { label: 'harmful', category: 'financial_crime', split: 'train', prompts: 1, rewrites: 0 },
      { label: 'harmful', category: 'financial_crime', split: 'test', prompts: 1, rewrites: 1 },
    ]);
    const again = new OwnPromptSets(store); // another worker, another day
    expect(await again.get(id)).toEqual({ id, name: 'mine', digest, prompts: PROMPTS });
  });

  it('lists the newest first, renames, removes and restores', async () => {
    const sets = new OwnPromptSets(new MemoryListedStore());
    const first = await sets.put(SET, 1);
    const second = await sets.put({ ...SET, name: 'two', prompts: PROMPTS.slice(1) }, 2);
    expect((await sets.list()).map(({ name }) => name)).toEqual(['two', 'mine']);
    await sets.rename(first.id, 'renamed');
    const removed = await sets.remove(second.id);
    expect((await sets.list()).map(({ name }) => name)).toEqual(['renamed']);
    await expect(sets.get(second.id)).rejects.toMatchObject({ code: 'not-found' });
    if (removed === null) throw new Error('nothing was removed');
    await sets.restore(removed);
    expect((await sets.list()).map(({ name }) => name)).toEqual(['two', 'renamed']);
    expect((await sets.get(second.id)).prompts).toEqual(PROMPTS.slice(1));
  });

  it('keeps nothing of a set that could not be written', async () => {
    const store = new MemoryListedStore();
    const sets = new OwnPromptSets(store);
    const { id } = await sets.put(SET);
    store.isFull = true;
    await expect(sets.put({ ...SET, prompts: PROMPTS.slice(1) })).rejects.toMatchObject({ code: 'storage' });
    expect((await sets.list()).map((set) => set.id)).toEqual([id]);
    expect(await store.keys()).toHaveLength(2);
  });

  it('refuses an empty set', async () => {
    const sets = new OwnPromptSets(new MemoryListedStore());
    await expect(sets.put({ ...SET, prompts: [] })).rejects.toMatchObject({ code: 'bad-request' });
  });
});
