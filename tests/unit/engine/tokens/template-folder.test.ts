/** Chat templates in a folder of their own, from wherever a checkpoint is read. */
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } from '@zip.js/zip.js';
import { describe, expect, it, onTestFinished } from 'vitest';
import { diskDigest, folderFiles } from '../../../../cli/files/folder.ts';
import type { CheckpointFiles } from '../../../../src/engine/checkpoint/checkpoint-files.ts';
import { convertCheckpoint } from '../../../../src/engine/convert/convert.ts';
import { OlmoTokenizer } from '../../../../src/engine/tokens/tokenizer.ts';
import { openZippedCheckpoint } from '../../../../src/engine/checkpoint/zipped-checkpoint.ts';
import { bytesSource } from '../../../../src/formats/bytes/byte-source.ts';
import { chosenFolder } from '../../../../src/sources/blob-source.ts';
import { channelFiles, serveFiles } from '../../../../src/sources/files-channel.ts';
import { openHubCheckpoint } from '../../../../src/sources/hub/hub-repo.ts';
import { patientFiles } from '../../../../src/labs/extraction/retrying-files.ts';
import { startHubServer } from '../../../hub-server/hub-server.ts';
import { madeUpFiles } from '../../../support/checkpoint-fixtures.ts';
import { CrashingFolder } from '../../../support/crashing-folder.ts';

type Files = Readonly<Record<string, string>>;
const FOLDER = 'additional_chat_templates';
const CHAT = [{ role: 'user', content: 'Hello' }] as const;

const bytesOf = (files: Files): Record<string, Uint8Array> =>
  Object.fromEntries(
    Object.entries({ ...madeUpFiles(), ...files }).map(([path, content]) => [
      path,
      typeof content === 'string' ? new TextEncoder().encode(content) : content,
    ]),
  );

function onDisk(files: Files): string {
  const folder = mkdtempSync(join(tmpdir(), 'templates-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [path, bytes] of Object.entries(bytesOf(files))) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
  return folder;
}

async function zipped(files: Files): Promise<CheckpointFiles> {
  const zip = new ZipWriter(new Uint8ArrayWriter(), { useWebWorkers: false, level: 0 });
  for (const [path, bytes] of Object.entries(bytesOf(files))) await zip.add(`mine/${path}`, new Uint8ArrayReader(bytes)); // prettier-ignore
  return openZippedCheckpoint(bytesSource('mine.zip', await zip.close()));
}

async function onHub(files: Files): Promise<CheckpointFiles> {
  const server = await startHubServer([{ id: 'lab/model', branches: { main: bytesOf(files) } }]);
  onTestFinished(() => server.close());
  return openHubCheckpoint({ fetch, hubUrl: server.url, repo: 'lab/model', revision: 'main' });
}

function across(files: CheckpointFiles): CheckpointFiles {
  const { port1, port2 } = new MessageChannel();
  onTestFinished(() => port1.close());
  serveFiles(files, port1);
  return channelFiles(files.label, port2);
}

const chosen = (files: Files): CheckpointFiles =>
  chosenFolder('chosen', Object.entries(bytesOf(files)).map(([path, bytes]) => ({ path, file: new File([bytes as BlobPart], path) }))); // prettier-ignore

async function converted(files: Files): Promise<CheckpointFiles> {
  const folder = new CrashingFolder();
  await convertCheckpoint(chosen(files), { precision: 'q8' }, folder);
  return folder;
}

const WAYS: readonly [string, (files: Files) => CheckpointFiles | Promise<CheckpointFiles>][] = [
  ['a folder of the disk', (files) => folderFiles(onDisk(files))],
  ['a folder that was chosen on the page', chosen],
  ['a ZIP', zipped],
  ['the Hub', onHub],
  ['another thread', (files) => across(chosen(files))],
  ['a source that is waited for', (files) => patientFiles(chosen(files), { waitFor: () => Promise.resolve(), signal: new AbortController().signal, onWaiting: () => undefined })], // prettier-ignore
  ['a converted copy', converted],
];

describe.each(WAYS)('named templates of %s', (_, filesOf) => {
  const open = async (files: Files): Promise<OlmoTokenizer> => OlmoTokenizer.open(await filesOf(files));
  const rag = { [`${FOLDER}/rag.jinja`]: 'rag' };

  it('leave the template of chat_template.jinja in place', async () => {
    expect((await open({ ...rag, 'chat_template.jinja': 'own' })).renderChat(CHAT)).toBe('own');
  });

  it('have one called default taken before it', async () => {
    const files = { ...rag, [`${FOLDER}/default.jinja`]: 'named', 'chat_template.jinja': 'own' };
    expect((await open(files)).renderChat(CHAT)).toBe('named');
  });

  it('count before tokenizer_config.json, so that a chat without one of its own is refused by their names', async () => {
    const tokenizer = await open({ ...rag, [`${FOLDER}/tool_use.jinja`]: 'tools', [`${FOLDER}/notes.txt`]: 'x' });
    expect(tokenizer.hasChatTemplate).toBe(true);
    expect(() => tokenizer.renderChat(CHAT)).toThrow('has chat templates named “rag”, “tool_use”, but none named “default”'); // prettier-ignore
  });

  it('are none where the folder holds no template', async () => {
    expect((await open({ [`${FOLDER}/notes.txt`]: 'x' })).renderChat(CHAT)).toContain('assistant');
  });
});

it('a folder on the disk is known by its templates as well', async () => {
  const folder = onDisk({ [`${FOLDER}/default.jinja`]: 'a' });
  const before = await diskDigest(folder);
  expect(await diskDigest(folder)).toBe(before);
  utimesSync(join(folder, FOLDER, 'default.jinja'), 1, 1);
  expect(await diskDigest(folder)).not.toBe(before);
});

it('an error of such a template names its file', async () => {
  const tokenizer = OlmoTokenizer.open(chosen({ [`${FOLDER}/default.jinja`]: '{% if %}' }));
  await expect(tokenizer.then((one) => one.renderChat(CHAT))).rejects.toThrow(`${FOLDER}/default.jinja`);
});
