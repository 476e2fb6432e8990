import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { UnitFolder } from '../../../cli/study/unit-folder.ts';
import { makeFolder } from '../../support/run-cli.ts';

it('passes over files of others in a folder of units', async () => {
  const path = join(makeFolder(), 'units');
  const store = new UnitFolder(path);
  await store.set('abc/set *', 1);
  mkdirSync(join(path, '5%'));
  writeFileSync(join(path, '5%', 'notes.txt'), 'x');
  expect(await store.keys()).toEqual(['abc/set *']);
  expect(await store.get('abc/set *')).toBe(1);
});
