import type { TestProject } from 'vitest/node';
import { findBrowser, installBrowser } from './find-browser.ts';
import { serveEnginePage, serveLab, type Served } from './serve.ts';

/** What the tests are told; a build that failed is told as its error, and thrown by the launch that wants it. */
export interface ServedAddress {
  readonly url: string | null;
  readonly error: string | null;
}

declare module 'vitest' {
  interface ProvidedContext {
    browserPath: string;
    lab: ServedAddress;
    enginePage: ServedAddress;
  }
}

/** Once per run: a browser, and both pages built and served. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  project.provide('browserPath', findBrowser() ?? installBrowser());
  const servers: Served[] = [];
  const address = async (start: () => Promise<Served>): Promise<ServedAddress> => {
    try {
      const server = await start();
      servers.push(server);
      return { url: server.url, error: null };
    } catch (error) {
      return { url: null, error: error instanceof Error ? error.message : String(error) };
    }
  };
  project.provide('lab', await address(serveLab));
  project.provide('enginePage', await address(serveEnginePage));
  return async () => {
    await Promise.all(servers.map((server) => server.close()));
  };
}
