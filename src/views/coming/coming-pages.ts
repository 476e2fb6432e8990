import type { PageName } from '../../state/route.svelte.ts';

export interface ComingPage {
  readonly title: string;
  readonly purpose: string;
  readonly shows: readonly string[];
}

/** The pages that are there. */
export const BUILT_PAGES = {
  steer: 'Steer',
  checkpoints: 'Checkpoints',
  prompts: 'Prompts',
} as const satisfies Partial<Record<PageName, string>>;

export type BuiltName = keyof typeof BUILT_PAGES;
export type ComingName = Exclude<PageName, BuiltName>;

/** The pages that are planned and not built: what each will show. */
export const COMING_PAGES: Readonly<Record<ComingName, ComingPage>> = {
  probe: {
    title: 'Probe',
    purpose: 'How well a direction tells harmful prompts from safe ones, from initialisation to Instruct.',
    shows: [
      'AUROC over training: in distribution, rewritten, out of distribution, and with random labels',
      'ROC curves and score histograms of one checkpoint',
      'every layer against every checkpoint, and transfer from one checkpoint to another',
    ],
  },
  geometry: {
    title: 'Geometry',
    purpose: 'How the directions lie to one another, and how they turn while the model is trained.',
    shows: [
      'cosines between checkpoints for a category, and between categories for a checkpoint',
      'lengths of directions and centroids, and their drift from checkpoint to checkpoint',
      'spread within a class, and a map of the centroids over time',
    ],
  },
  dose: {
    title: 'Dose',
    purpose: 'What steering does at every strength, with directions of every checkpoint.',
    shows: [
      'refusal and incoherence for λ from −2 to 2, checkpoint by checkpoint',
      'random directions of the same length, for comparison',
      'the texts behind every cell',
    ],
  },
  report: {
    title: 'Report',
    purpose: 'The figures and findings of the study, drawn from the data at hand.',
    shows: [
      'each figure with the numbers and the settings behind it',
      'what this data supports, and what it does not',
      'figures, tables and directions to take away',
    ],
  },
};
