import { readFile } from 'node:fs/promises';
import type { Locator, Page } from 'playwright-core';
import type { StudyPlan } from '../../src/formats/study/study-plan.ts';
import type { StudyResults } from '../../src/formats/study/study-results.ts';

const OPENING_MS = 120_000; // on a busy machine
const RUNNING_MS = 400_000;
const LOOK_EVERY_MS = 20;

/** Probe, Geometry and Report as their visitor knows them. */
export class StudyPage {
  readonly page: Page;
  readonly bar: Locator;
  readonly runButton: Locator;
  readonly summary: Locator;
  readonly alerts: Locator;

  constructor(page: Page) {
    this.page = page;
    this.bar = page.locator('[data-study]');
    this.runButton = this.bar.getByRole('button', { name: /^(Run the study|Run again|Resume)$/ });
    this.summary = this.bar.locator('p').first();
    this.alerts = page.getByRole('alert');
  }

  button(name: string): Locator {
    return this.page.getByRole('button', { name, exact: true });
  }

  figure(id: string): Locator {
    return this.page.locator(`[data-figure="${id}"]`);
  }

  async opened(): Promise<void> {
    await this.bar.waitFor({ timeout: OPENING_MS });
  }

  /** Puts a plan in as its visitor does, as JSON. */
  async usePlan(plan: StudyPlan): Promise<void> {
    const json = this.page.getByLabel(/^The complete plan/);
    if (!(await json.isVisible())) {
      await this.button('Edit the plan').click();
      await this.page.getByText('The plan as JSON').click();
    }
    await json.fill(JSON.stringify(plan));
    await this.button('Use this plan').click();
    await this.page.locator('button:disabled', { hasText: 'Use this plan' }).waitFor({ timeout: OPENING_MS });
  }

  async run(): Promise<void> {
    await this.runButton.click();
    await this.inState('running');
  }

  /** Runs a study that is done once more from nothing, and holds it in its middle. */
  async beginAndPause(): Promise<void> {
    await this.button('Delete stored activations').click();
    await this.button('Delete activations, keep results').click();
    await this.button('Delete stored activations').waitFor({ state: 'detached', timeout: OPENING_MS });
    await this.run();
    await this.unitsDone(1);
    await this.button('Pause').click();
    await this.bar.getByText('Paused', { exact: true }).waitFor();
  }

  async inState(state: 'idle' | 'running' | 'elsewhere' | 'stopped' | 'done'): Promise<void> {
    const settled = this.page.locator(`[data-study=${state}], [data-study=failed]`);
    await settled.waitFor({ timeout: RUNNING_MS });
    if (await this.page.locator('[data-study=failed]').isVisible())
      throw new Error(`the study failed: ${(await this.alerts.allInnerTexts()).join(' ')}`);
  }

  /** Waits until so many checkpoints are measured and shown. */
  async measured(count: number): Promise<void> {
    const pattern = new RegExp(`[${count}-9] of \\d+ checkpoints? complete`);
    await this.bar.getByText(pattern).waitFor({ timeout: RUNNING_MS });
  }

  /** Waits until so many units are at rest, or it runs no more. */
  async unitsDone(count: number): Promise<void> {
    await this.page.waitForFunction(
      (wanted) => {
        const bar = document.querySelector('[data-study]');
        if (bar === null || bar.getAttribute('data-study') !== 'running') return true;
        return Number(/(\d+) of \d+ units/.exec(bar.textContent)?.[1] ?? -1) >= wanted;
      },
      count,
      { timeout: RUNNING_MS, polling: LOOK_EVERY_MS },
    );
  }

  /** How many units are at rest while it runs. */
  async units(): Promise<number> {
    return Number(/([\d,]+) of [\d,]+ units/.exec(await this.bar.innerText())?.[1]?.replaceAll(',', ''));
  }

  async results(): Promise<StudyResults> {
    return JSON.parse(await readFile(await this.#exported('Export results (JSON)'), 'utf8')) as StudyResults;
  }

  /** The path of the exported directions. */
  directions(): Promise<string> {
    return this.#exported('Export directions (safetensors)');
  }

  async importResults(name: string, text: string): Promise<void> {
    const file = { name, mimeType: 'application/json', buffer: Buffer.from(text) };
    await this.page.getByLabel('Results file').setInputFiles(file);
  }

  async #exported(button: string): Promise<string> {
    const downloading = this.page.waitForEvent('download', { timeout: OPENING_MS });
    await this.button(button).click();
    return (await downloading).path();
  }
}
