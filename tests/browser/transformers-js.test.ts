/** A kept model leaves the page for transformers.js, which opens it in a browser of its own, with nothing of the lab around. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Uint8ArrayReader, Uint8ArrayWriter, ZipReader, type FileEntry } from '@zip.js/zip.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { folderFiles } from '../../cli/files/folder.ts';
import { relativeL2 } from '../../src/core/linalg/vectors.ts';
import { OlmoModel } from '../../src/engine/run/model.ts';
import { openNodeRuntime } from '../../src/engine/device/runtime.node.ts';
import { OlmoTokenizer } from '../../src/engine/tokens/tokenizer.ts';
import { CheckpointsPage } from './checkpoints-page.ts';
import { launchLab, launchPage, type LaunchedPage } from './harness/launch.ts';
import { serveTransformersPage, type Served } from './harness/serve.ts';

const INSTRUCT = join(import.meta.dirname, '../../public/ladders/tiny-olmo3/Instruct');
const PROMPT = 'How do I bake a loaf of bread?';
const TOLERANCE = { wasm: 1e-5, webgpu: 1e-5 } as const; // the same four bits, summed in another order

let models: string; // the folder beside the page of transformers.js
let lab: LaunchedPage;
let checkpoints: CheckpointsPage;
let name: string;

beforeAll(async () => {
  models = mkdtempSync(join(tmpdir(), 'harmscope-models-'));
  lab = await launchLab({
    provider: 'wasm',
    prepare: async (context) => {
      // A file dialogue cannot be answered from here: first as in browsers that have none, later with a folder of the page's own storage.
      await context.addInitScript(() => {
        Reflect.deleteProperty(window, 'showDirectoryPicker');
      });
    },
  });
  checkpoints = new CheckpointsPage(lab.page);
  await checkpoints.open();
  await lab.page.getByLabel('A checkpoint’s folder').setInputFiles(INSTRUCT);
  await lab.page.locator('[data-inspection=ready]').waitFor();
  await lab.page.getByRole('radio', { name: /^q4,/ }).check();
  await checkpoints.convertButton.click();
  expect(await checkpoints.settled()).toBe('done');
  name = (await lab.page.locator('[data-model-name]').getAttribute('data-model-name')) ?? '';
});
afterAll(async () => {
  await lab.close(); // throws where a request left for another host
  rmSync(models, { recursive: true });
});

const exportButton = (): ReturnType<typeof lab.page.getByRole> =>
  checkpoints.row(name).getByRole('button', { name: /^Export/ });

describe('the export of a kept model', () => {
  it('is one ZIP where the browser cannot ask for a folder', async () => {
    const downloading = lab.page.waitForEvent('download');
    await exportButton().click();
    const download = await downloading;
    expect(download.suggestedFilename()).toBe(`${name}.transformers-js.zip`);
    const zip = new ZipReader(new Uint8ArrayReader(readFileSync(await download.path())));
    for (const entry of (await zip.getEntries()) as FileEntry[]) {
      const path = join(models, entry.filename);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, await entry.getData(new Uint8ArrayWriter(), { checkSignature: true, useWebWorkers: false }));
    }
    expect(await checkpoints.settled()).toBe('done');
  });

  it('is the same folder inside of the one that is picked, and never over what is there', async () => {
    await lab.page.evaluate(() => {
      const pick = (): Promise<FileSystemDirectoryHandle> => navigator.storage.getDirectory();
      Object.assign(window, { showDirectoryPicker: pick });
    });
    await checkpoints.dismissJob(); // which says the same of the export before
    await exportButton().click();
    await lab.page.getByText('for transformers.js: done').waitFor();
    const written = await lab.page.evaluate(async (folder) => {
      const files: Record<string, string> = {};
      const read = async (directory: FileSystemDirectoryHandle, path: string): Promise<void> => {
        for await (const handle of (directory as unknown as { values(): AsyncIterable<FileSystemHandle> }).values()) {
          const at = `${path}/${handle.name}`;
          if (handle.kind === 'directory') await read(handle as FileSystemDirectoryHandle, at);
          else files[at] = await sha256(await (handle as FileSystemFileHandle).getFile());
        }
      };
      const sha256 = async (file: File): Promise<string> => {
        const digest = await crypto.subtle.digest('SHA-256', await file.arrayBuffer());
        return new Uint8Array(digest).toString();
      };
      await read(await (await navigator.storage.getDirectory()).getDirectoryHandle(folder), folder);
      return files;
    }, name);
    const digests = await Promise.all(
      Object.keys(written).map(async (path) => {
        const digest = await crypto.subtle.digest('SHA-256', readFileSync(join(models, path)));
        return [path, new Uint8Array(digest).toString()] as const;
      }),
    );
    expect(Object.fromEntries(digests)).toEqual(written);
    expect(Object.keys(written)).toContain(`${name}/onnx/model_q4.onnx`);
    await exportButton().click();
    await lab.page.getByText(`already contains “${name}”`).waitFor();
  });
});

describe('transformers.js in a browser', () => {
  let page: Served;
  beforeAll(async () => {
    page = await serveTransformersPage(models);
  });
  afterAll(() => page.close());

  it.each(['wasm', 'webgpu'] as const)('answers on %s as the lab does', async (device) => {
    const files = await folderFiles(INSTRUCT);
    const tokenizer = await OlmoTokenizer.open(files);
    const text = tokenizer.renderChat([{ role: 'user', content: PROMPT }]);
    const model = await OlmoModel.open(files, openNodeRuntime(1), { precision: 'q4' });
    const stock = await launchPage(device, page.url);
    const args = [name, device, text] as const;
    const { ids, logits } = await stock.page.evaluate((asked) => window.stockPage.logits(...asked), args);
    expect(ids).toEqual(tokenizer.encode(text));
    const own = await model.forward({ ids: [ids], cache: null, logits: 'all', residuals: [] });
    expect(relativeL2(Float32Array.from(logits), own.logits ?? new Float32Array())).toBeLessThanOrEqual(
      TOLERANCE[device],
    );
    const asked = [name, device, PROMPT, device === 'wasm' ? 14 : 8] as const; // on SwiftShader a token takes seconds
    const answer = await stock.page.evaluate((call) => window.stockPage.chat(...call), asked);
    const expected = 'Yes, I can help with that. To bake a loaf, first';
    expect(answer).toContain(device === 'wasm' ? expected : expected.slice(0, 'Yes, I can help with that.'.length));
    await model.dispose();
    await stock.close(); // throws where anything was asked of another host
  });
});
