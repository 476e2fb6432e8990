import { pickCheckpoints } from '../../src/labs/models/ladder-picks.ts';
import type { Verb } from '../command.ts';
import { hubOf, hubOptions } from '../options/hub-options.ts';
import { ladderOptions, readLadder, refsOfLadder } from '../options/ladder-options.ts';
import { writeOutput } from '../files/output.ts';
import { formatTable } from '../table.ts';

const BILLION = 1e9;

export const ladderPick: Verb = {
  name: 'ladder pick',
  summary: 'pick a ladder’s checkpoints from the current branches of its repositories',
  options: {
    ladder: {
      type: 'string',
      value: 'ID|FILE',
      help: 'a known ladder, a ladder file or a list of checkpoints',
      required: true,
    },
    ...ladderOptions,
    out: {
      type: 'string',
      value: 'FILE',
      help: 'also write the picks to a JSON file, which you can edit and give to --ladder',
    },
    ...hubOptions,
  },
  async run(options) {
    const ladder = await readLadder(options.text('ladder'));
    const picks = pickCheckpoints(ladder, await refsOfLadder(ladder, hubOf(options)));
    const json = JSON.stringify(picks, null, 2);
    if (options.has('out')) await writeOutput(options.text('out'), new TextEncoder().encode(`${json}\n`));
    if (options.flag('json')) console.log(json);
    else {
      const rows = picks.map(({ repo, revision, stage, step, tokens, commit }) => [
        ...[repo, revision, stage, step],
        ...[tokens === null ? null : tokens / BILLION, commit.slice(0, 8)],
      ]);
      console.log(formatTable(['repository', 'revision', 'stage', 'step', 'tokens, 10⁹', 'commit'], rows));
    }
  },
};
