import { searchByName } from '../../src/core/text/name-search.ts';
import type { Options, Verb } from '../command.ts';
import { hubOf, hubOptions } from '../options/hub-options.ts';
import { ladderIds, ladderOptions, readLadder, refsOfLadder } from '../options/ladder-options.ts';
import { formatTable } from '../table.ts';

export const ladderList: Verb = {
  name: 'ladder list',
  summary: 'list the known ladders on the Hub, or all branches and tags of a ladder’s repositories',
  options: {
    ladder: {
      type: 'string',
      value: 'ID|FILE',
      help: 'the ladder whose repositories to list (default: list the known ladders)',
    },
    search: { type: 'string', value: 'WORDS', help: 'list only refs whose names contain every word', default: '' },
    ...ladderOptions,
    ...hubOptions,
  },
  run: (options) => (options.has('ladder') ? listLadderRefs(options) : listLadders(options)),
};

async function listLadders(options: Options): Promise<void> {
  const ladders = await Promise.all(ladderIds().map(readLadder));
  const known = ladders.map(({ id, name, description }) => ({ id, name, description }));
  if (options.flag('json')) console.log(JSON.stringify(known, null, 2));
  else console.log(formatTable(['id', 'name'], known.map(({ id, name }) => [id, name]))); // prettier-ignore
}

async function listLadderRefs(options: Options): Promise<void> {
  const refsOf = await refsOfLadder(await readLadder(options.text('ladder')), hubOf(options));
  const refs = [...refsOf].flatMap(([repo, all]) =>
    searchByName(all, options.text('search')).map((ref) => ({ repo, ...ref })),
  );
  if (options.flag('json')) console.log(JSON.stringify(refs, null, 2));
  else {
    const rows = refs.map(({ repo, kind, name, commit }) => [repo, kind, name, commit.slice(0, 8)]);
    console.log(formatTable(['repository', 'kind', 'name', 'commit'], rows));
  }
}
