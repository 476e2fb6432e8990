/** Reads a study's plans, prompts, checkpoints and results from files, under Node. */
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { LabError } from '../../src/core/errors.ts';
import { requireJson } from '../../src/engine/checkpoint/checkpoint-files.ts';
import { parseConfig } from '../../src/engine/checkpoint/config.ts';
import { contextLengthOf } from '../../src/engine/checkpoint/context-length.ts';
import { openNodeRuntime } from '../../src/engine/device/runtime.node.ts';
import { OlmoTokenizer } from '../../src/engine/tokens/tokenizer.ts';
import { shown } from '../../src/core/text/quote.ts';
import { isLadderId, isPromptFile } from '../../src/formats/ladders/built-in-names.ts';
import { decodeUtf8 } from '../../src/formats/bytes/json.ts';
import { parseLadder, type Ladder } from '../../src/formats/ladders/ladder.ts';
import { parsePromptSet, type Prompt } from '../../src/formats/prompts/prompt-set.ts';
import { parseStudyPlan, type PlanSet, type StudyPlan } from '../../src/formats/study/study-plan.ts';
import { parseStudyResults } from '../../src/formats/study/study-results-file.ts';
import type { StudyResults } from '../../src/formats/study/study-results.ts';
import { builtInPlan } from '../../src/labs/study/plan/built-in-plan.ts';
import { ResidentExtractor } from '../../src/labs/study/run/resident-extractor.ts';
import { StreamedExtractor } from '../../src/labs/study/run/streamed-extractor.ts';
import type { UnitExtractor } from '../../src/labs/study/run/unit-job.ts';
import type { StudySources } from '../../src/labs/study/plan/resolve-study.ts';
import type { LadderRef } from '../../src/labs/models/checkpoint-ref.ts';
import type { ModelShape } from '../../src/labs/study/plan/model-shape.ts';
import type { StudyStore } from '../../src/labs/study/run/study-store.ts';
import { diskBlobs } from '../files/blob-folder.ts';
import { LADDERS, pinCheckpoint, resolveCheckpoint } from '../options/checkpoint-options.ts';
import type { Options } from '../command.ts';
import { folderFiles } from '../files/folder.ts';
import { hubOf } from '../options/hub-options.ts';

const PROMPTS = join(import.meta.dirname, '../../public/prompts');
const BUILT_IN_PLAN = 'built-in'; // given instead of a plan file
export const RESULTS_FILE = 'results.json';

/** @throws LabError `not-found`, when the file cannot be read */
async function readTextFile(path: string): Promise<string> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new LabError('not-found', `${path} cannot be read.`, 'Check the path.', { cause });
  });
  return decodeUtf8(path, bytes);
}

async function fetchLadder(id: string): Promise<Ladder> {
  if (!isLadderId(id)) throw new LabError('bad-request', `“${shown(id)}” is not the name of a ladder.`, 'The built-in ladder is tiny-olmo3.'); // prettier-ignore
  return parseLadder(await requireJson(await folderFiles(join(LADDERS, id)), 'ladder.json'), 'ladder.json');
}

/** The plan in a file, or the built-in one. */
export async function readPlan(path: string): Promise<StudyPlan> {
  if (path === BUILT_IN_PLAN) return builtInPlan(await fetchLadder('tiny-olmo3'));
  return parseStudyPlan(await readTextFile(path), path);
}

/** `folder`: the base of relative paths in the plan. */
export function studySources(folder: string, options: Options): StudySources {
  const shapes = new Map<string, ModelShape>(); // a plan is checked first and then run: read each config once
  return {
    fetchLadder,
    readSet: (source) => readSet(source, folder),
    shape: async ({ source }) => {
      const name = nameOf(source);
      const shape = shapes.get(name) ?? (await modelShape(source, options));
      shapes.set(name, shape);
      return shape;
    },
    tokenizer: async ({ source }) => OlmoTokenizer.open(await resolveCheckpoint(nameOf(source), hubOf(options))),
  };
}

/** The folder of a plan's file. */
export const folderOf = (plan: string): string => (plan === BUILT_IN_PLAN ? process.cwd() : dirname(resolve(plan)));

async function readSet(source: PlanSet['source'], folder: string): Promise<readonly Prompt[]> {
  if (source.kind === 'own') {
    const problem = `The plan’s set ${source.id} is saved in a browser.`;
    const nextStep = 'Export it on the Prompts page, and refer to the file: {"kind": "file", "path": "…"}.';
    throw new LabError('not-found', problem, nextStep);
  }
  if (source.kind === 'built-in' && !isPromptFile(source.file)) {
    throw new LabError('bad-request', `“${shown(source.file)}” is not a built-in prompt set.`, 'The Prompts page lists them.'); // prettier-ignore
  }
  const path = source.kind === 'built-in' ? join(PROMPTS, source.file) : resolve(folder, source.path);
  const text = await readTextFile(path);
  if (!text.trimStart().startsWith('{')) {
    const nextStep =
      'Convert it with lab prompts import --file TABLE --out SET.jsonl, and refer to that file in the plan.';
    throw new LabError('format', `${path} is not a prompt set in JSON Lines.`, nextStep);
  }
  return parsePromptSet(path, text);
}

/** The extractor for a plan's units: it streams checkpoints from the Hub, and loads built-in ones whole. */
export function nodeExtractor(plan: StudyPlan, out: string, store: StudyStore, options: Options): UnitExtractor {
  const threads = options.count('threads');
  const parts = {
    openRuntime: () => Promise.resolve(openNodeRuntime(threads)),
    files: (source: LadderRef) => resolveCheckpoint(nameOf(source), hubOf(options)),
    store,
  };
  if (plan.ladder.kind === 'built-in') return new ResidentExtractor(parts);
  return new StreamedExtractor({ ...parts, unfinished: diskBlobs(join(out, 'unfinished')) });
}

/** The commit of a checkpoint of the Hub. */
export async function pinCommit(source: LadderRef, options: Options): Promise<string> {
  return (await pinCheckpoint(nameOf(source), hubOf(options))).commit;
}

/** From config.json alone. */
async function modelShape(source: LadderRef, options: Options): Promise<ModelShape> {
  const files = await resolveCheckpoint(nameOf(source), hubOf(options));
  const config = parseConfig(await requireJson(files, 'config.json'), `config.json of ${files.label}`);
  return { layers: config.layers, hidden: config.hiddenSize, room: contextLengthOf(config) };
}

const nameOf = (source: LadderRef): string =>
  source.kind === 'built-in' ? `${source.ladder}@${source.revision}` : `hub:${source.repo}@${source.revision}`;

/** The results in a folder written by `lab study`, or in a file exported from the page. */
export async function readResults(path: string): Promise<StudyResults> {
  const file = path.endsWith('.json') ? path : join(path, RESULTS_FILE);
  return parseStudyResults(await readTextFile(file), file);
}
