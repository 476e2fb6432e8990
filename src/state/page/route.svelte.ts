const PAGES = ['steer', 'checkpoints', 'prompts', 'probe', 'geometry', 'dose', 'report'] as const;

export type PageName = (typeof PAGES)[number];

const STUDY_PAGES = ['probe', 'geometry', 'report'] as const satisfies readonly PageName[];

/** A page on the study's results. */
export type StudyPageName = (typeof STUDY_PAGES)[number];

export const isStudyPage = (page: PageName): page is StudyPageName => STUDY_PAGES.some((name) => name === page);

export interface Place {
  readonly page: PageName;
  readonly query: string; // after the page's name, without the question mark
}

/** `#/steer?prompt=…` → its page and query; what names no page is the Steer page. */
export function readHash(hash: string): Place {
  const [path = '', ...rest] = hash.replace(/^#\/?/, '').split('?');
  const page = PAGES.find((name) => name === path) ?? 'steer';
  return { page, query: rest.join('?') };
}

export function writeHash({ page, query }: Place): string {
  return query === '' ? `#/${page}` : `#/${page}?${query}`;
}

/** Where the visitor is, after the address's hash: it never reaches a server. */
export class Route {
  readonly #window: Window;
  #place: Place;

  /** `onArrive` hears of a place that someone typed, opened or went back to. */
  constructor(page: Window, onArrive: (place: Place) => void) {
    this.#window = page;
    this.#place = $state.raw(readHash(page.location.hash));
    page.addEventListener('hashchange', () => {
      this.#place = readHash(page.location.hash);
      onArrive(this.#place);
    });
  }

  get page(): PageName {
    return this.#place.page;
  }

  /** Puts the page's choices into the address without a step in the history. */
  record(query: string): void {
    const hash = writeHash({ page: this.#place.page, query });
    if (hash !== this.#window.location.hash) this.#window.history.replaceState(null, '', hash);
  }

  /** The address of a place, whole, for someone else to open. */
  link(place: Place): string {
    const { origin, pathname, search } = this.#window.location;
    return `${origin}${pathname}${search}${writeHash(place)}`;
  }
}
