import { folderNames } from '../../src/engine/checkpoint/checkpoint-files.ts';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { asLabError, LabError } from '../../src/core/errors.ts';
import { shown } from '../../src/core/text/quote.ts';
import { POOLINGS } from '../../src/core/probes/pooling.ts';
import { StreamedCheckpoint } from '../../src/engine/streamed/streamed-checkpoint.ts';
import { openHubCheckpoint } from '../../src/sources/hub/hub-repo.ts';
import type { PromptTemplate } from '../../src/formats/prompts/prompt-template.ts';
import { readPromptSet } from '../../src/labs/extraction/extraction-prompts.ts';
import {
  LadderExtraction,
  type LadderFailure,
  type LadderProgress,
} from '../../src/labs/extraction/ladder-extraction.ts';
import { isCheckpointFault } from '../../src/labs/jobs/checkpoint-faults.ts';
import { pickCheckpoints } from '../../src/labs/models/ladder-picks.ts';
import type {
  LadderCheckpointSource,
  LadderPromptSet,
  PinnedCheckpoint,
} from '../../src/labs/extraction/ladder-units.ts';
import { storedDefaults } from '../../src/labs/steer/model-source.ts';
import { ActivationFolder } from '../files/activation-folder.ts';
import { diskBlobs } from '../files/blob-folder.ts';
import {
  checkLayer,
  checkpointOptions,
  pinBuiltIn,
  readBuiltInLadder,
  runtimeFor,
} from '../options/checkpoint-options.ts';
import type { Options, Verb } from '../command.ts';
import { hubOf, hubOptions } from '../options/hub-options.ts';
import { readLadder, refsOfLadder } from '../options/ladder-options.ts';
import { parseLayers } from '../options/layer-option.ts';
import { withFolderLock } from '../files/output-lock.ts';

const BUILT_IN = 'tiny-olmo3';
const MOST_NAMED = 3; // checkpoints that an error names
const UNFINISHED = '.unfinished'; // in --out: what a run that was ended goes on from

export const extract: Verb = {
  name: 'extract',
  summary: 'extract activations of a whole ladder, one layer in memory at a time; run again to resume',
  options: {
    ladder: { type: 'string', value: 'NAME|FILE', help: `${BUILT_IN}, a ladder from lab ladder list, or a file`, required: true }, // prettier-ignore
    prompts: { type: 'string', value: 'FILE[,FILE…]', help: 'tables as read by prompts import, or one prompt per line', required: true }, // prettier-ignore
    layers: { type: 'string', value: 'study|all|0,3,7', help: 'layers to read; study: the depth of layer 15 of 32', default: 'study' }, // prettier-ignore
    pool: { type: 'string', value: POOLINGS.join('|'), help: 'how to pool the positions of a prompt', default: 'last' },
    chat: { type: 'boolean', help: 'apply the model’s chat template to texts' },
    threads: checkpointOptions.threads,
    ...hubOptions,
    out: { type: 'string', value: 'DIR', help: 'output folder: one safetensors file per checkpoint and prompt set', required: true }, // prettier-ignore
  },
  async run(options) {
    const pooling = options.oneOf('pool', POOLINGS);
    const promptSets = await readPromptSets(options);
    const checkpoints = await checkpointsOf(options);
    const out = options.text('out');
    await withFolderLock(out, 'extract', async () => {
      const { first, layers } = await openFirst(checkpoints, options.text('layers'));
      const unfinished = diskBlobs(join(out, UNFINISHED));
      const extraction = new LadderExtraction(
        { checkpoints, promptSets, layers, pooling, precision: 'float32' },
        {
          runtime: await runtimeFor(first.files, options),
          activations: await ActivationFolder.open(out, layers.length),
          unfinished,
          onProgress: tellProgress(),
        },
      );
      const failures = await extraction.run();
      await unfinished.clear();
      console.log(`${out}: ${checkpoints.length - failures.length} of ${checkpoints.length} checkpoints`);
      if (failures.length > 0) throw leftOut(failures);
    });
  },
};

async function readPromptSets(options: Options): Promise<LadderPromptSet[]> {
  const template: PromptTemplate = options.flag('chat') ? 'chat' : 'raw';
  const files = options.text('prompts').split(',').filter((path) => path !== ''); // prettier-ignore
  const read = await Promise.all(
    files.map(async (path) => {
      const bytes = await readFile(path).catch((cause: unknown) => {
        throw new LabError('not-found', `${path} cannot be read.`, 'Check the path.', { cause });
      });
      const { report, ...set } = await readPromptSet(path, new Uint8Array(bytes), template);
      return { report, set: { ...set, name: set.name.replace(/^.*[\\/]/, '') } };
    }),
  );
  for (const { report } of read) report.forEach((line, index) => console.log(index === 0 ? line : `  ${line}`));
  return read.map(({ set }) => set);
}

async function checkpointsOf(options: Options): Promise<LadderCheckpointSource[]> {
  const name = options.text('ladder');
  if (name === BUILT_IN) {
    const ladder = await readBuiltInLadder(name);
    return ladder.checkpoints.map(({ revision }) => ({
      label: `${ladder.id}@${revision}`,
      resolve: () => pinBuiltIn(ladder, revision),
    }));
  }
  const hub = hubOf(options);
  const ladder = await readLadder(name);
  return pickCheckpoints(ladder, await refsOfLadder(ladder, hub)).map(({ repo, revision, commit }) => {
    const label = `${repo}@${revision}`;
    return {
      label,
      resolve: async (signal) => {
        const opened = await openHubCheckpoint({ ...hub, signal, repo, revision: commit });
        return {
          commit,
          files: { label, open: (file) => opened.open(file), list: (folder) => folderNames(opened, folder) },
        };
      },
    };
  });
}

/** The first checkpoint that can be read, and the layers wanted of it; those before it are left out in their turn. */
async function openFirst(
  checkpoints: readonly LadderCheckpointSource[],
  layers: string,
): Promise<{ first: PinnedCheckpoint; layers: readonly number[] }> {
  let refusal = new LabError('bad-request', 'The ladder has no checkpoints.', 'Use another ladder.');
  for (const [index, checkpoint] of checkpoints.entries()) {
    try {
      const first = await checkpoint.resolve(new AbortController().signal);
      return { first, layers: await layersOf(layers, first) };
    } catch (thrown) {
      const error = asLabError(thrown);
      if (error.code === 'bad-request' || !isCheckpointFault(error)) throw error; // a layer that no checkpoint has
      if (index === 0) refusal = error;
    }
  }
  throw refusal;
}

async function layersOf(text: string, { files }: PinnedCheckpoint): Promise<readonly number[]> {
  const wanted = text === 'study' ? [] : parseLayers(text);
  const { layers: count } = (await StreamedCheckpoint.open(files)).config;
  if (text === 'study') return [storedDefaults(count).steeringLayer];
  for (const layer of wanted ?? []) checkLayer(layer, count, files.label);
  return wanted ?? Array.from({ length: count }, (_, layer) => layer);
}

/** What it waits for, always; how far it is, where somebody watches. */
function tellProgress(): (progress: LadderProgress) => void {
  let waitedFor = '';
  return ({ waiting, checkpoint, unitsDone, units, pass }) => {
    const reason = waiting === null ? '' : `${waiting.error.message} Retrying in ${waiting.delayMs / 1000} s`;
    if (reason !== '' && reason !== waitedFor) console.error(`lab: ${reason}`);
    waitedFor = reason;
    if (!process.stderr.isTTY || pass === null) return;
    const { layer, done, total } = pass;
    process.stderr.write(`\r${checkpoint ?? ''}: layer ${layer}, ${done} of ${total} prompts; ${unitsDone} of ${units} units done`); // prettier-ignore
  };
}

function leftOut(failures: readonly LadderFailure[]): LabError {
  const first = failures.slice(0, MOST_NAMED);
  const named = first.map(({ checkpoint, error }) => `${shown(checkpoint)} (${shown(error.message)})`).join('; ');
  const more = failures.length > MOST_NAMED ? ` and ${failures.length - MOST_NAMED} more` : '';
  return new LabError('format', `Left out: ${named}${more}.`, 'Run the same command to try them again.');
}
