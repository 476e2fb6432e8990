import { basename, resolve } from 'node:path';
import { LabError } from '../../src/core/errors.ts';
import { shown } from '../../src/core/text/quote.ts';
import { exportModel } from '../../src/engine/export/export-model.ts';
import type { Verb } from '../command.ts';
import { writeExport } from '../files/export-folder.ts';
import { storedModel } from '../files/model-folder.ts';
import { withFolderLock } from '../files/output-lock.ts';

export const exportVerb: Verb = {
  name: 'export',
  summary: 'export a converted model as a folder that transformers.js can load',
  options: {
    model: { type: 'string', value: 'PATH', help: 'a folder or pack written by lab convert', required: true },
    out: { type: 'string', value: 'DIR', help: 'output folder: new or empty', required: true },
  },
  async run(options) {
    const [path, out] = [options.text('model'), options.text('out')];
    const stored = await storedModel(path);
    if (stored === null) {
      const nextStep = 'Convert the checkpoint first: lab convert --checkpoint … --precision … --out DIR.';
      throw new LabError('not-found', `${shown(path)} contains no converted model.`, nextStep);
    }
    const model = await exportModel(stored, basename(resolve(out)));
    const stop = new AbortController();
    process.once('SIGINT', () => stop.abort());
    await withFolderLock(out, 'export', () => writeExport(model, out, stop.signal));
    const megabytes = (model.byteLength / 1e6).toFixed(1);
    console.log(`${model.label} for transformers.js: ${model.files.length} files, ${megabytes} MB in ${out}`);
  },
};
