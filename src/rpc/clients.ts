/** Clients of the page's workers. Vite bundles a worker only if its address is written inside `new Worker`. */
import type { ActivationLibrary } from '../labs/extraction/activation-library.ts';
import type { ExtractionLab } from '../labs/extraction/extraction-lab.ts';
import type { ModelLibrary } from '../labs/models/model-library.ts';
import type { ModelLookups } from '../labs/models/model-lookups.ts';
import type { PromptLibrary } from '../labs/prompts/prompt-library.ts';
import type { SteerLab } from '../labs/steer/steer-lab.ts';
import type { StudyLab } from '../labs/study/study-lab.ts';
import { connect, type WorkerControl } from './connect.ts';
import type { Remote } from './remote.ts';

export type SteerClient = Remote<SteerLab> & Omit<WorkerControl, 'onSilence'>;
export type LibraryClient = Remote<ModelLibrary> & Remote<ModelLookups> & Remote<ActivationLibrary>;
export type PromptsClient = Remote<PromptLibrary>;
export type ExtractionClient = Remote<ExtractionLab> & Pick<WorkerControl, 'endWorker'>;
export type StudyClient = Remote<StudyLab> & Pick<WorkerControl, 'onSilence'>;

export const connectSteer = (): SteerClient =>
  connect<SteerLab>({
    start: () =>
      new Worker(new URL('../../workers/steer.worker.ts', import.meta.url), {
        type: 'module',
        name: 'harmscope-steer',
      }),
    thread: {
      name: 'The model worker',
      nextStep: 'Load the model again; if it fails again, choose the other provider or a smaller checkpoint.',
    },
    tasks: {
      open: { doing: 'opening a model', queued: true },
      directions: { doing: 'computing directions' },
      refine: { doing: 'refining directions', queued: true },
      answer: { doing: 'answering', queued: true },
      rewrite: { doing: 'rewriting prompts', queued: true },
    },
    stops: ['stop'],
  });

export const connectLibrary = (): LibraryClient =>
  connect<ModelLibrary & ModelLookups & ActivationLibrary>({
    start: () =>
      new Worker(new URL('../../workers/models.worker.ts', import.meta.url), {
        type: 'module',
        name: 'harmscope-models',
      }),
    thread: { name: 'The library worker', nextStep: 'Start again: a conversion resumes where it stopped.' },
    tasks: {
      convert: { doing: 'converting a checkpoint', queued: true },
      installPack: { doing: 'installing a pack', queued: true },
      savePack: { doing: 'saving a pack', queued: true },
      exportModel: { doing: 'exporting a model', queued: true },
    },
    stops: ['interrupt'],
  });

export const connectPrompts = (): PromptsClient =>
  connect<PromptLibrary>({
    start: () =>
      new Worker(new URL('../../workers/prompts.worker.ts', import.meta.url), {
        type: 'module',
        name: 'harmscope-prompts',
      }),
    thread: { name: 'The prompts worker', nextStep: 'Start again: saved prompt sets are still here.' },
    tasks: {
      count: { doing: 'counting a table’s rows' },
      importFile: { doing: 'importing a table', queued: true },
      fetchPublished: { doing: 'fetching a prompt set', queued: true },
      duplicates: { doing: 'looking for duplicates' },
      removeDuplicates: { doing: 'removing duplicates', queued: true },
    },
    stops: ['interrupt'],
  });

export const connectExtraction = (): ExtractionClient =>
  connect<ExtractionLab>({
    start: () =>
      new Worker(new URL('../../workers/extraction.worker.ts', import.meta.url), {
        type: 'module',
        name: 'harmscope-extraction',
      }),
    thread: { name: 'The extraction worker', nextStep: 'Press Resume: the extraction continues where it stopped.' },
    tasks: {
      plan: { doing: 'planning an extraction' },
      start: { doing: 'extracting activations' },
      resumeJob: { doing: 'extracting activations' },
    },
    stops: ['cancel'],
  });

export const connectStudy = (): StudyClient =>
  connect<StudyLab>({
    start: () =>
      new Worker(new URL('../../workers/study.worker.ts', import.meta.url), {
        type: 'module',
        name: 'harmscope-study',
      }),
    thread: {
      name: 'The study worker',
      nextStep: 'Press Resume: completed checkpoints are saved.',
    },
    tasks: { run: { doing: 'running the study', queued: true } },
    stops: ['cancel'],
  });
