import type { BrowserContext, Page } from 'playwright-core';

const OUR_HOSTS = new Set(['127.0.0.1', 'localhost']);
const LOCAL_SCHEMES = new Set(['blob:', 'data:', 'about:']);

/** What must not happen while a page runs: uncaught errors, on the page or in its workers, and requests to other hosts. */
export class PageWatch {
  readonly errors: string[] = [];
  readonly foreignRequests: string[] = [];
  /** Everything on the console, to read when a test fails: `type: text`. */
  readonly console: string[] = [];
  #mayCrash = false;

  constructor(context: BrowserContext, page: Page) {
    context.on('request', (request) => {
      const { protocol, hostname } = new URL(request.url());
      if (!LOCAL_SCHEMES.has(protocol) && !OUR_HOSTS.has(hostname)) this.foreignRequests.push(request.url());
    });
    page.on('pageerror', (error) => {
      this.errors.push(error.stack ?? error.message);
    });
    page.on('crash', () => {
      if (!this.#mayCrash) this.errors.push('the page crashed');
    });
    page.on('console', (message) => {
      this.console.push(`${message.type()}: ${message.text()}`);
    });
  }

  /** The test is about to end the page's process itself. */
  expectCrash(): void {
    this.#mayCrash = true;
  }

  /** @throws Error that lists what happened */
  expectHealthy(): void {
    const problems = [
      ...this.errors.map((error) => `uncaught: ${error}`),
      ...this.foreignRequests.map((url) => `request left this machine: ${url}`),
    ];
    if (problems.length > 0) throw new Error(['The page was not healthy.', ...problems].join('\n'));
  }
}
