import type { BrowserContext, Locator, Page } from 'playwright-core';

const LOADING_MS = 200_000; // directions of a few prompts on SwiftShader, or of all of them on WASM

/** The Steer page as its visitor knows it. */
export class SteerPage {
  readonly page: Page;
  readonly answerButton: Locator;
  readonly stopButton: Locator;
  readonly prompt: Locator;
  readonly status: Locator;
  readonly alerts: Locator;
  readonly answers: Locator;

  constructor(page: Page) {
    this.page = page;
    this.answerButton = page.getByRole('button', { name: /^Answer/ });
    this.stopButton = page.getByRole('button', { name: /^Stop/ });
    this.prompt = page.getByRole('textbox', { name: 'Prompt' });
    this.status = page.locator('[data-model]');
    this.alerts = page.getByRole('alert');
    this.answers = page.locator('[data-run]');
  }

  /** Waits for model and directions. @throws Error with what the page says when either failed */
  async ready(): Promise<void> {
    // Answers in a test are compared with each other, so the directions must not change between them.
    const refined = ['settled', 'budget', 'all', 'paused'].map((state) => `[data-refining=${state}]`);
    const settled = [...refined, '[data-directions=failed]', '[data-model=failed]'].join(', ');
    await this.page.locator(settled).first().waitFor({ timeout: LOADING_MS });
    const failed = this.page.locator('[data-directions=failed], [data-model=failed]');
    if ((await failed.count()) > 0) throw new Error(`the page failed: ${await failed.innerText()}`);
  }

  async answer(): Promise<void> {
    await this.answerButton.click();
    await this.finished();
  }

  /** Waits until the answers under way, or about to be, are done. @throws Error when they failed */
  async finished(): Promise<void> {
    await this.page.locator('[data-run=done], [data-run=failed]').waitFor({ timeout: LOADING_MS, state: 'attached' });
    if ((await this.run()) === 'failed')
      throw new Error(`the run failed: ${(await this.alerts.allInnerTexts()).join(' ')}`);
  }

  async run(): Promise<string | null> {
    return this.answers.getAttribute('data-run');
  }

  /** The tokens of an answer, 0: as is, 1: steered. */
  tokens(row: 0 | 1): Promise<string[]> {
    return this.page.locator(`[data-row="${row}"] .token`).allTextContents();
  }

  /** Waits until an answer has that many tokens. */
  async written(row: 0 | 1, count: number): Promise<void> {
    const token = this.page.locator(`[data-row="${row}"] [data-index="${count - 1}"]`);
    await token.waitFor({ timeout: LOADING_MS, state: 'attached' }); // a part of a character shows nothing
  }

  /** Indices of the steered tokens that are marked as the first after a move. */
  async marks(): Promise<number[]> {
    const found = await this.page.locator('[data-row="1"] .moved').all();
    return Promise.all(found.map(async (mark) => Number(await mark.getAttribute('data-index'))));
  }

  async setLambda(name: string, value: number): Promise<void> {
    const field = this.page.getByRole('spinbutton', { name: `λ of ${name}, as a number` });
    await field.fill(String(value));
    await field.blur();
  }

  async choosePace(value: string): Promise<void> {
    await this.page.getByLabel('Throttle').selectOption(value);
  }
}

/**
 * Serves the first few prompts of each class and category instead of thousands: on SwiftShader, all of them would take
 * the better part of an hour.
 */
export async function serveFewPrompts(context: BrowserContext, each: number): Promise<void> {
  await context.route('**/prompts/harm-*.jsonl', async (route) => {
    const response = await route.fetch();
    const taken = new Map<string, number>();
    const rows = (await response.text()).split('\n').filter((line) => {
      if (line === '') return false;
      const { category } = JSON.parse(line) as { readonly category: string };
      const count = taken.get(category) ?? 0;
      taken.set(category, count + 1);
      return count < each;
    });
    await route.fulfill({ response, body: `${rows.join('\n')}\n`, headers: withoutLength(response.headers()) });
  });
}

/** Headers of a response whose body is to change. */
export function withoutLength(headers: Readonly<Record<string, string>>): Record<string, string> {
  const stale = new Set(['content-length', 'content-encoding', 'etag']);
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !stale.has(name)));
}
