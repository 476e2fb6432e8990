import type { PageName } from '../../state/page/route.svelte.ts';

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
  probe: 'Probe',
  geometry: 'Geometry',
  report: 'Report',
} as const satisfies Partial<Record<PageName, string>>;

export type BuiltName = keyof typeof BUILT_PAGES;
export type ComingName = Exclude<PageName, BuiltName>;

/** The pages that are planned and not built: what each will show. */
export const COMING_PAGES: Readonly<Record<ComingName, ComingPage>> = {
  dose: {
    title: 'Dose',
    purpose: 'The effect of steering at every strength, with the directions of every checkpoint.',
    shows: [
      'refusal and incoherence for λ from −2 to 2, checkpoint by checkpoint',
      'random directions of the same norm, for comparison',
      'the texts behind every cell',
    ],
  },
};

export function pageTitle(page: PageName): string {
  return { ...BUILT_PAGES, dose: COMING_PAGES.dose.title }[page];
}
