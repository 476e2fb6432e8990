import type { Page } from 'playwright-core';

/** Goes to a page of the lab by the navigation, and waits until the one before is gone: the two may show the same things. */
export async function visit(page: Page, name: string): Promise<void> {
  await page.getByRole('navigation').getByRole('link', { name, exact: true }).click();
  await page.waitForFunction((wanted) => document.title.startsWith(`${wanted} · `), name);
}
