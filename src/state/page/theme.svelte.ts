const THEMES = ['system', 'light', 'dark'] as const;

type ThemeChoice = (typeof THEMES)[number];

const STORAGE_KEY = 'harmscope.theme';

/** The colour theme: one for the whole document, kept in this browser. */
class Theme {
  #choice = $state<ThemeChoice>('system');

  get choice(): ThemeChoice {
    return this.#choice;
  }

  /** Takes up what was chosen on an earlier visit. */
  restore(): void {
    this.#apply(THEMES.find((theme) => theme === readStored()) ?? 'system');
  }

  choose(choice: ThemeChoice): void {
    this.#apply(choice);
    try {
      localStorage.setItem(STORAGE_KEY, choice);
    } catch {
      // Storage can be switched off; the choice then lasts for this visit.
    }
  }

  #apply(choice: ThemeChoice): void {
    this.#choice = choice;
    if (choice === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = choice;
  }
}

function readStored(): string | null {
  try {
    return localStorage.getItem(STORAGE_KEY);
  } catch {
    return null;
  }
}

export const theme = new Theme();
