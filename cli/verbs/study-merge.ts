import { join } from 'node:path';
import { LabError } from '../../src/core/errors.ts';
import { shown } from '../../src/core/text/quote.ts';
import type { Verb } from '../command.ts';
import { hubOptions } from '../options/hub-options.ts';
import { withFolderLock } from '../files/output-lock.ts';
import { readPlan } from '../study/study-files.ts';
import { UnitFolder } from '../study/unit-folder.ts';
import { checkStudy, runStudy, UNITS } from './study.ts';

export const studyMerge: Verb = {
  name: 'study merge',
  summary: 'merge the units of several shards, and write the results of the whole study',
  options: {
    plan: { type: 'string', value: 'FILE|built-in', help: 'the plan that the shards ran', default: 'built-in' },
    from: { type: 'string', value: 'DIR,DIR', help: 'output folders of the shards', required: true },
    out: { type: 'string', value: 'DIR', help: 'output folder', required: true },
    ...hubOptions,
    threads: { type: 'string', value: 'N', help: 'CPU threads for units that no shard has', default: '1' },
  },
  async run(options) {
    const plan = await readPlan(options.text('plan'));
    const out = options.text('out');
    const checked = await checkStudy(plan, options);
    await withFolderLock(out, 'study merge', async () => {
      const store = new UnitFolder(join(out, UNITS));
      const present = new Set(await store.keys());
      for (const folder of options.text('from').split(',')) {
        const shard = new UnitFolder(join(folder.trim(), UNITS));
        const keys = await shard.keys();
        if (keys.length === 0) {
          throw new LabError(
            'not-found',
            `${shown(folder)} contains no study units.`,
            'Use the --out folders of the shards.',
          );
        }
        for (const key of keys) {
          if (present.has(key)) continue;
          const value = await shard.get(key);
          if (value !== null) await store.set(key, value);
          present.add(key);
        }
      }
      await runStudy(checked, out, options);
    });
  },
};
