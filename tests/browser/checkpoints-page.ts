import type { Locator, Page } from 'playwright-core';
import { visit } from './harness/visit.ts';

const WORKING_MS = 120_000; // a conversion of a million parameters on a busy machine

/** The Checkpoints page as its visitor knows it. */
export class CheckpointsPage {
  readonly page: Page;
  readonly repo: Locator;
  readonly revision: Locator;
  readonly inspectButton: Locator;
  readonly convertButton: Locator;
  readonly stopButton: Locator;
  readonly inspection: Locator;
  readonly job: Locator;
  readonly kept: Locator;

  constructor(page: Page) {
    this.page = page;
    this.repo = page.getByLabel('Repository', { exact: true });
    this.revision = page.getByLabel('Revision', { exact: true });
    this.inspectButton = page.getByRole('button', { name: /^Inspect on/ });
    this.convertButton = page.getByRole('button', { name: 'Convert and save' });
    this.stopButton = page.getByRole('button', { name: 'Stop' });
    this.inspection = page.locator('[data-inspection]');
    this.job = page.locator('[data-job]');
    this.kept = page.locator('[data-kept]');
  }

  /** Comes from wherever the visitor is, by the navigation. */
  async open(): Promise<void> {
    await visit(this.page, 'Checkpoints');
    await this.page.locator('[data-kept=ready]').waitFor();
  }

  async useHub(url: string): Promise<void> {
    await this.page.getByText('Access token and mirror').click();
    await this.page.getByLabel(/^Hub address/).fill(url);
  }

  /** Inspects, and waits for the answer, whatever it is. */
  async inspect(repo: string, revision: string): Promise<void> {
    await this.repo.fill(repo);
    await this.revision.fill(revision);
    await this.inspectButton.click();
    await this.page.locator('[data-inspection=ready], [data-inspection=failed]').waitFor({ timeout: WORKING_MS });
  }

  async settled(): Promise<string | null> {
    const ends = '[data-job=done], [data-job=failed], [data-job=stopped]';
    await this.page.locator(ends).waitFor({ timeout: WORKING_MS });
    return this.job.getAttribute('data-job');
  }

  /** Puts away what the last job left to read, before a job that would end with the same words. */
  async dismissJob(): Promise<void> {
    await this.job.getByRole('button', { name: 'Dismiss' }).click();
    await this.job.waitFor({ state: 'detached' });
  }

  row(name: string): Locator {
    return this.page.locator(`[data-model-name="${name}"]`);
  }

  async delete(name: string): Promise<void> {
    const row = this.row(name);
    await row.getByRole('button', { name: /^Delete/ }).click();
    await row.getByRole('button', { name: 'Delete', exact: true }).click();
    await row.waitFor({ state: 'detached' });
  }
}
