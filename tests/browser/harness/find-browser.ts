import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { chromium } from 'playwright-core';

const USUAL_PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
];

/**
 * The path of a Chromium: `HARMSCOPE_BROWSER` if set, else an installed one, else Playwright's own. null when there is none.
 * @throws Error when `HARMSCOPE_BROWSER` names no file
 */
export function findBrowser(): string | null {
  const chosen = process.env['HARMSCOPE_BROWSER'];
  if (chosen !== undefined && chosen !== '') {
    if (existsSync(chosen)) return chosen;
    throw new Error(`HARMSCOPE_BROWSER is ${chosen}, but no such file exists`);
  }
  return [...USUAL_PLACES, chromium.executablePath()].find((path) => existsSync(path)) ?? null;
}

/**
 * Installs a Chromium and gives its path: Debian's own when apt may be used, since it brings the system libraries along,
 * else the one that Playwright downloads.
 * @throws Error when neither could be installed
 */
export function installBrowser(): string {
  const attempts = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get') ? [aptGet, playwright] : [playwright];
  const failures: string[] = [];
  for (const attempt of attempts) {
    try {
      attempt();
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error));
    }
    const path = findBrowser();
    if (path !== null) return path;
  }
  throw new Error(
    ['No Chromium was found or could be installed. Set HARMSCOPE_BROWSER to one.', ...failures].join('\n'),
  );
}

function aptGet(): void {
  run('apt-get', ['update']);
  run('apt-get', ['install', '-y', '--no-install-recommends', 'chromium']);
}

function playwright(): void {
  const folder = dirname(createRequire(import.meta.url).resolve('playwright-core/package.json'));
  run(process.execPath, [join(folder, 'cli.js'), 'install', 'chromium']);
}

function run(command: string, args: readonly string[]): void {
  console.log(`No Chromium here: ${command} ${args.join(' ')}`);
  execFileSync(command, args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
}
