import { LabError } from '../../src/core/errors.ts';
import { shown } from '../../src/core/text/quote.ts';
import { promptLines } from '../../src/formats/prompts/prompt-set.ts';
import { openPublishedFiles } from '../../src/sources/hub/prompt-sets.ts';
import {
  readPublishedPromptSet,
  type PromptFiles,
  type PublishedPromptSet,
} from '../../src/labs/prompts/published-prompt-set.ts';
import type { Options, Verb } from '../command.ts';
import { openFile } from '../files/folder.ts';
import { hubOf, hubOptions } from '../options/hub-options.ts';
import { writeOutput } from '../files/output.ts';
import { withFileLock } from '../files/output-lock.ts';
import { readRecipe } from '../options/recipe-options.ts';

export const promptsFetch: Verb = {
  name: 'prompts fetch',
  summary:
    'fetch a published prompt set through its recipe, as JSON Lines of {"id", "text", "label", "category", "split"}',
  options: {
    set: { type: 'string', value: 'NAME|FILE', help: 'a set from lab prompts list, or a recipe file', required: true },
    file: { type: 'string', value: 'FILE', help: 'a local copy to read instead (.csv, .tsv, .jsonl, .txt, .parquet)' }, // prettier-ignore
    seed: { type: 'string', value: 'N', help: 'seed for sampling and splitting', default: '0' },
    limit: {
      type: 'string',
      value: 'N',
      help: 'maximum number of prompts (default: set by the recipe)',
    },
    out: { type: 'string', value: 'FILE.jsonl', help: 'output file', required: true },
    ...hubOptions,
  },
  async run(options) {
    const recipe = await readRecipe(options.text('set'));
    const sample = { seed: options.count('seed'), ...(options.has('limit') && { limit: options.count('limit') }) };
    const files = options.has('file') ? localFile(options.text('file')) : await openPublishedFiles(recipe, hubOf(options)); // prettier-ignore
    const formatByName = options.has('file');
    const out = options.text('out');
    await withFileLock(out, 'prompts fetch', async () => {
      const set = await readPublishedPromptSet(recipe, files, { ...sample, formatByName, onProgress: showRows });
      if (process.stderr.isTTY) process.stderr.write('\n'); // ends the line with the row count
      await writeOutput(out, new TextEncoder().encode(promptLines(set.prompts)));
      console.log(summaryOf(set, options));
    });
  },
};

const localFile = (path: string): PromptFiles => ({
  identity: null,
  open: async () => {
    const file = await openFile(path);
    if (file === null) throw new LabError('not-found', `${shown(path)} cannot be read.`, 'Check the path.');
    return [file];
  },
});

function summaryOf({ prompts, digest, rows, texts }: PublishedPromptSet, options: Options): string {
  return [
    `${options.text('out')}: ${prompts.length} prompts out of ${texts} usable texts in ${rows} rows, sha256 ${digest}`,
    ...tally(prompts.map(({ label, category, split }) => `${split}, ${label}, ${category}`)),
  ].join('\n');
}

/** How often each line occurs, sorted by line. */
function tally(lines: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1);
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([line, count]) => `  ${line}: ${count}`);
}

function showRows({ rows, bytes }: { readonly rows: number; readonly bytes: number }): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${rows} rows read, ${(bytes / 1e6).toFixed(1)} MB`);
}
