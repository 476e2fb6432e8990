/** The Checkpoints page against a Hub of another origin, and what it keeps opened in Steer. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startHubServer, type HubServer } from '../hub-server/hub-server.ts';
import { filesOfFolder } from '../hub-server/served-file.ts';
import { CheckpointsPage } from './checkpoints-page.ts';
import { launchLab, type LaunchedPage } from './harness/launch.ts';
import { visit } from './harness/visit.ts';
import { serveFewPrompts, SteerPage } from './steer-page.ts';

const INSTRUCT = join(import.meta.dirname, '../../public/ladders/tiny-olmo3/Instruct');
const WEIGHTS = /model\.safetensors$/;
const params = { prompt: 'Hello', length: '8', pace: 'max' };

let server: HubServer;
let lab: LaunchedPage;
let checkpoints: CheckpointsPage;
let steer: SteerPage;
let pack: string; // a model that the page saved
const scratch = mkdtempSync(join(tmpdir(), 'harmscope-checkpoints-'));

beforeAll(async () => {
  const files = filesOfFolder(INSTRUCT);
  const branches = { main: files, 'stage1-step1000': files, 'stage1-step2000': files };
  server = await startHubServer([
    { id: 'tiny/olmo', branches },
    { id: 'tiny/private', branches: { main: files }, access: { kind: 'private', tokens: ['hf_let-in'] } },
  ]);
  lab = await launchLab({
    provider: 'wasm',
    params,
    prepare: async (context) => {
      await serveFewPrompts(context, 4);
      // As in browsers that cannot ask where to save: a file dialogue cannot be answered from here.
      await context.addInitScript(() => Reflect.deleteProperty(window, 'showSaveFilePicker'));
    },
  });
  checkpoints = new CheckpointsPage(lab.page);
  steer = new SteerPage(lab.page);
  await checkpoints.open();
  await checkpoints.useHub(server.url);
});
afterAll(async () => {
  await lab.close(); // throws where a request left for another host
  await server.close();
  rmSync(scratch, { recursive: true });
});
beforeEach(() => {
  server.faults.clear();
});

const Q8 = 'tiny.olmo@main.q8-32';

describe('a checkpoint of the Hub', () => {
  it('asks nothing of the Hub before a button is pressed', () => {
    expect(server.traffic.requests).toEqual([]);
  });

  it('lists branches that can be searched and chosen', async () => {
    await checkpoints.repo.fill('tiny/olmo');
    await lab.page.getByRole('button', { name: 'List revisions' }).click();
    await lab.page.getByRole('searchbox').fill('step2000');
    await lab.page.getByLabel('Revisions').selectOption('stage1-step2000');
    expect(await checkpoints.revision.inputValue()).toBe('stage1-step2000');
  });

  it('is described with sizes and fits before any weight is fetched', async () => {
    await checkpoints.inspect('tiny/olmo', 'main');
    const text = await checkpoints.inspection.innerText();
    expect(text).toContain('OLMo 3');
    expect(text).toMatch(/Layers\s+8/);
    expect(text).toContain('2.4 MB in 1 file');
    expect(text).toContain('Fits: it needs');
    expect(await lab.page.getByRole('radio').count()).toBeGreaterThanOrEqual(5);
    expect(server.traffic.requests.some(({ path }) => WEIGHTS.test(path))).toBe(false);
  });

  it('a revision or a repository that is not there is told with what to do', async () => {
    await checkpoints.inspect('tiny/olmo', 'nowhere'); // 404
    expect(await checkpoints.inspection.innerText()).toMatch(/no revision “nowhere”[\s\S]*Check the spelling/);
    await checkpoints.inspect('tiny/private', 'main'); // 401
    expect(await checkpoints.inspection.innerText()).toMatch(/does not exist, or it is private[\s\S]*access token/);
    await lab.page.getByLabel(/^Access token/).fill('hf_let-in');
    await checkpoints.inspect('tiny/private', 'main');
    expect(await checkpoints.inspection.innerText()).toContain('OLMo 3');
    await lab.page.getByLabel(/^Access token/).fill('');
  });

  it('says what it waits for, stops in the middle, is listed as half there, and goes on', async () => {
    server.traffic.clear();
    server.faults.add({ kind: 'status', status: 503 }, { path: WEIGHTS, times: 2 });
    server.faults.add({ kind: 'hang' }, { path: WEIGHTS, origin: 'cdn', after: 20 });
    await checkpoints.inspect('tiny/olmo', 'main');
    await lab.page.getByRole('radio', { name: /^q8/ }).check();
    await checkpoints.convertButton.click();
    await lab.page.getByText(/Waiting: .*503.*retrying in \d+ s/).waitFor();
    await lab.page.getByText(/Converting\s+model\./).waitFor();
    const asked = (): number =>
      server.traffic.requests.filter(({ origin, path }) => origin === 'cdn' && WEIGHTS.test(path)).length;
    await expect.poll(asked, { timeout: 60_000 }).toBeGreaterThan(20); // now the server hangs
    await checkpoints.stopButton.click();
    expect(await checkpoints.settled()).toBe('stopped');
    const row = checkpoints.row(Q8);
    expect(await row.innerText()).toContain('Incomplete');
    server.faults.clear();
    server.traffic.clear();
    await row.getByRole('button', { name: /^Resume/ }).click();
    expect(await checkpoints.settled()).toBe('done');
    await row.getByRole('link', { name: /^Open/ }).waitFor();
    expect(await row.innerText()).toMatch(/q8[\s\S]*MB/);
    const fetched = server.traffic.of('tiny/olmo/model.safetensors').bytes;
    expect(fetched).toBeLessThan(2_395_448); // what was done was not read again
  });
});

describe('a kept model', () => {
  it('opens in Steer by a link, gets directions of its own, and answers', async () => {
    await checkpoints.row(Q8).getByRole('link', { name: /^Open/ }).click();
    await lab.page.locator('[data-model=ready]').waitFor();
    await steer.ready();
    expect(new URL(lab.page.url()).hash).toContain(`model=${encodeURIComponent(Q8)}`);
    expect(await lab.page.getByLabel('Checkpoint').inputValue()).toBe(`stored:${Q8}`);
    expect(await steer.status.innerText()).toContain('q8');
    await lab.page.getByText(/^AUROC of General by layer; best of layers 0 to 6: [0-6]\./).waitFor();
    expect(await lab.page.getByLabel('Layer', { exact: true }).inputValue()).toMatch(/^[0-7]$/); // as the first held-out prompts suggested
    await steer.answer();
    expect((await steer.tokens(0)).length).toBeGreaterThan(0);
    expect((await steer.tokens(1)).length).toBeGreaterThan(0);
  });

  it('is there after a reload, with its directions and its date', async () => {
    await lab.page.reload();
    await steer.ready();
    expect(await steer.status.innerText()).toContain('saved on an earlier visit');
    await checkpoints.open();
    expect(await checkpoints.row(Q8).innerText()).toMatch(/open[\s\S]*today/);
  });

  it('is saved as a pack, deleted while it is open, and installed again', async () => {
    const download = lab.page.waitForEvent('download');
    await checkpoints.row(Q8).getByRole('button', { name: /^Save/ }).click();
    const saved = await download;
    expect(saved.suggestedFilename()).toBe(`${Q8}.zip`);
    pack = await saved.path();
    await checkpoints.settled();
    await checkpoints.delete(Q8);
    expect(await checkpoints.kept.innerText()).toContain('No saved models yet');
    await lab.page.getByLabel('A pack or ZIP', { exact: true }).setInputFiles(pack);
    await checkpoints.row(Q8).getByRole('link', { name: /^Open/ }).waitFor();
    await visit(lab.page, 'Steer');
    await steer.ready();
    expect(await lab.page.getByLabel('Checkpoint').inputValue()).toBe('Instruct');
    expect(await lab.page.getByLabel('Checkpoint').innerText()).toContain('tiny/olmo@main, q8');
  });

  it('a link to one that this browser lacks says so, and how to get it', async () => {
    await checkpoints.open();
    await checkpoints.delete(Q8);
    await lab.page.goto(`${lab.url}&model=${encodeURIComponent(Q8)}`);
    await lab.page.reload();
    await steer.alerts.first().waitFor();
    const text = await steer.alerts.first().innerText();
    expect(text).toContain(`The model “${Q8}” is not saved in this browser.`);
    expect(text).toContain('Checkpoints page');
    await lab.page.getByRole('link', { name: 'Go to the Checkpoints page' }).click();
    await lab.page.getByRole('heading', { name: 'Saved models' }).waitFor();
  });
});

describe('a checkpoint’s folder', () => {
  it('is inspected and converted from where it lies', async () => {
    await lab.page.getByLabel('A checkpoint’s folder').setInputFiles(INSTRUCT);
    await lab.page.locator('[data-inspection=ready]').waitFor();
    expect(await checkpoints.inspection.innerText()).toMatch(/Instruct[\s\S]*OLMo 3[\s\S]*of the folder/);
    await checkpoints.convertButton.click();
    expect(await checkpoints.settled()).toBe('done');
    await lab.page.getByRole('link', { name: 'Open Instruct in Steer' }).waitFor();
  });
});

describe('what the browser’s own dialogues and a drop hand over', () => {
  /** In place of a dialogue, which nothing here can answer: what it would give, out of the page's own storage. */
  const answerDialogues = (): Promise<void> =>
    lab.page.evaluate(async () => {
      const root = await navigator.storage.getDirectory();
      const cancelled = (): Promise<never> => Promise.reject(new DOMException('The user aborted.', 'AbortError'));
      const picked = { folder: () => root.getDirectoryHandle('picked'), file: () => root.getFileHandle('picked.zip') };
      const folder = await root.getDirectoryHandle('picked', { create: true });
      for (const file of ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'model.safetensors']) {
        const { body } = await fetch(new URL(`ladders/tiny-olmo3/Instruct/${file}`, document.baseURI));
        const writable = await (await folder.getFileHandle(file, { create: true })).createWritable();
        await body?.pipeTo(writable);
      }
      const answers = [cancelled, () => root.getFileHandle('picked.zip', { create: true })]; // first the visitor thinks again
      Object.assign(window, {
        showSaveFilePicker: () => (answers.shift() ?? cancelled)(),
        showOpenFilePicker: async () => [await picked.file()],
        showDirectoryPicker: picked.folder,
      });
    });

  /** Drops what lies on this disk, as a person would from a file manager. */
  async function drop(path: string): Promise<void> {
    const place = lab.page.getByRole('group', { name: 'From this machine' });
    await place.scrollIntoViewIfNeeded();
    const box = await place.boundingBox();
    if (box === null) throw new Error('there is no place to drop it');
    const devTools = await lab.context.newCDPSession(lab.page);
    const at = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    const data = { items: [], files: [path], dragOperationsMask: 1 };
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
      await devTools.send('Input.dispatchDragEvent', { type, ...at, data });
    }
    await devTools.detach();
  }

  it('a pack goes to the file that is picked, nowhere where none is, and comes back from it', async () => {
    await answerDialogues();
    const name = (await lab.page.locator('[data-model-name]').getAttribute('data-model-name')) ?? '';
    const save = checkpoints.row(name).getByRole('button', { name: /^Save/ });
    const before = await checkpoints.job.innerText();
    await save.click();
    expect(await checkpoints.job.innerText()).toBe(before);
    await save.click();
    await lab.page.getByText('Pack of Instruct: done').waitFor();
    await checkpoints.delete(name);
    await lab.page.getByRole('button', { name: 'Choose a pack or ZIP' }).click();
    await lab.page.getByRole('link', { name: 'Open Instruct in Steer' }).waitFor();
  });

  it('a picked folder is inspected', async () => {
    await lab.page.getByRole('button', { name: 'Choose a folder' }).click();
    await lab.page.locator('[data-inspection=ready]').getByText('picked', { exact: true }).waitFor();
    expect(await checkpoints.inspection.innerText()).toMatch(/OLMo 3[\s\S]*of the folder/);
  });

  it('a dropped folder is inspected, a dropped pack is kept', async () => {
    await drop(INSTRUCT);
    await lab.page.locator('[data-inspection=ready]').getByText('Instruct', { exact: true }).waitFor();
    await drop(pack);
    await checkpoints.row(Q8).getByRole('link', { name: /^Open/ }).waitFor();
  });
});

describe('a checkpoint whose tokenizer never comes to an end', () => {
  const STEP_MS = 15_000;

  it('is told apart from a slow model, and another one opens', async () => {
    await checkpoints.open();
    await lab.page.getByLabel('A checkpoint’s folder').setInputFiles(withEndlessTokenizer());
    await lab.page.locator('[data-inspection=ready]').getByText('endless', { exact: true }).waitFor();
    await checkpoints.convertButton.click();
    expect(await checkpoints.settled()).toBe('done');
    await lab.page.clock.install(); // the page's time alone: its workers' goes on as it does
    await lab.page.getByRole('link', { name: 'Open endless in Steer' }).click();
    await lab.page.locator('[data-directions=loading]').waitFor({ state: 'attached' });
    const problem = steer.alerts.filter({ hasText: 'This checkpoint’s tokenizer (or chat template) takes too long' });
    await expect
      .poll(async () => {
        await lab.page.clock.runFor(STEP_MS);
        return problem.count();
      })
      .toBe(1);
    await lab.page.getByLabel('Checkpoint').selectOption('Instruct');
    await problem.waitFor({ state: 'detached' });
    await steer.ready();
    await steer.answer();
  });

  /** A folder whose regular expression tries every way to split a word, and there are twice as many with each letter. */
  function withEndlessTokenizer(): string {
    const folder = join(scratch, 'endless');
    cpSync(INSTRUCT, folder, { recursive: true });
    const tokenizer = join(folder, 'tokenizer.json');
    const text = readFileSync(tokenizer, 'utf8');
    const changed = text.replace('"Regex":"', String.raw`"Regex":"(?:[\\p{L} ]+)+#|`);
    expect(changed).not.toBe(text);
    writeFileSync(tokenizer, changed);
    return folder;
  }
});
