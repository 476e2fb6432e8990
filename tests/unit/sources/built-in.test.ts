import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseLadder, type Ladder, type LadderCheckpoint } from '../../../src/formats/ladders/ladder.ts';
import { builtInFiles, fetchLadder, fetchPromptSets, type BuiltIn } from '../../../src/sources/built-in.ts';
import { fetchSource, fetchWhole, sha256 } from '../../../src/sources/http-source.ts';
import { madeUpPrompts } from '../../support/made-up-lab.ts';

type Answer = (response: ServerResponse, request: IncomingMessage) => void;

let server: Server;
let baseUrl = '';
let answers: Record<string, Answer> = {}; // path → what the server does
let asked: string[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    const path = request.url ?? '';
    asked.push(path);
    const answer = answers[path];
    if (answer) answer(response, request);
    else response.writeHead(404).end('not here');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(() => {
  server.closeAllConnections();
  return new Promise((done) => server.close(done));
});
beforeEach(() => {
  answers = {};
  asked = [];
});

const builtIn = (): BuiltIn => ({ fetch, baseUrl });
const body =
  (content: string | Uint8Array): Answer =>
  (response) =>
    void response.end(content);
const digestOf = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');
const BYTES = Uint8Array.from({ length: 200_000 }, (_, i) => (i * 7) % 251);

describe('sha256', () => {
  it('is that of the standard’s examples', async () => {
    expect(await sha256(new TextEncoder().encode('abc'))).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
    expect(await sha256(new Uint8Array())).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  });
});

describe('fetchWhole', () => {
  const fetchIt = (options: object = {}): Promise<Uint8Array> =>
    fetchWhole(`${baseUrl}file`, 'weights', { fetch, ...options });

  it('gives the bytes, having told its progress', async () => {
    answers['/file'] = body(BYTES);
    const seen: number[] = [];
    const bytes = await fetchIt({ sha256: digestOf(BYTES), onProgress: (done: number) => seen.push(done) });
    expect(bytes).toEqual(BYTES);
    expect(seen.at(-1)).toBe(BYTES.byteLength);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
  });

  it('takes an empty file', async () => {
    answers['/file'] = body('');
    expect((await fetchIt()).byteLength).toBe(0);
  });

  it.each([404, 500])('names the file and the status %d', async (status) => {
    answers['/file'] = (response) => void response.writeHead(status).end('sorry');
    await expect(fetchIt()).rejects.toMatchObject({
      code: 'fetch',
      message: `weights: the server answered ${status}.`,
    });
  });

  it.each([
    ['before the answer', (response: ServerResponse) => void response.destroy()],
    [
      'in the middle of it',
      (response: ServerResponse) => {
        response.writeHead(200, { 'content-length': BYTES.byteLength });
        response.write(BYTES.subarray(0, 1000), () => response.destroy());
      },
    ],
  ])('names the file where the connection is cut %s', async (_, cut) => {
    answers['/file'] = cut;
    await expect(fetchIt()).rejects.toMatchObject({ code: 'fetch', message: 'weights could not be fetched.' });
  });

  it('names the file where nobody answers', async () => {
    const closed = fetchWhole('http://127.0.0.1:1/', 'weights', { fetch });
    await expect(closed).rejects.toMatchObject({ code: 'fetch', message: 'weights could not be fetched.' });
  });

  it('refuses bytes of another digest', async () => {
    answers['/file'] = body(BYTES.subarray(1));
    await expect(fetchIt({ sha256: digestOf(BYTES) })).rejects.toMatchObject({
      code: 'format',
      message: expect.stringMatching(/weights \(199999 bytes\).*SHA-256/) as string,
    });
  });

  it('stops where it is told to, before and in the middle', async () => {
    const stop = new AbortController();
    answers['/file'] = (response) => {
      response.writeHead(200, { 'content-length': BYTES.byteLength });
      response.write(BYTES.subarray(0, 1000)); // and no more
    };
    const stopped = fetchIt({ signal: stop.signal, onProgress: () => stop.abort() });
    await expect(stopped).rejects.toMatchObject({ code: 'interrupted', message: 'Fetching weights was stopped.' });
    await expect(fetchIt({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'interrupted' });
  });

  it('makes a byte source of a name', async () => {
    answers['/file'] = body(BYTES);
    const source = await fetchSource(`${baseUrl}file`, 'weights', { fetch });
    expect(source).toMatchObject({ name: 'weights', byteLength: BYTES.byteLength });
    expect(await source.slice(3, 6)).toEqual(BYTES.slice(3, 6));
  });
});

const CONFIG = '{"model_type":"olmo3"}';
const LADDER_JSON = {
  version: 1,
  id: 'tiny',
  name: 'Tiny',
  description: 'A ladder.',
  checkpoints: [
    {
      revision: 'Instruct',
      stage: 'instruct',
      step: 1,
      tokensSeen: 2,
      path: 'instruct',
      files: {
        'config.json': { bytes: CONFIG.length, sha256: digestOf(CONFIG) },
        'model.safetensors': { bytes: BYTES.byteLength, sha256: digestOf(BYTES) },
      },
    },
  ],
  defaults: { steeringLayer: 1, directionTemplate: 'chat', pooling: 'last' },
};

describe('fetchLadder', () => {
  it('reads ladder.json under its id', async () => {
    answers['/ladders/tiny/ladder.json'] = body(JSON.stringify(LADDER_JSON));
    expect(await fetchLadder(builtIn(), 'tiny')).toMatchObject({ id: 'tiny', defaults: { revision: 'Instruct' } });
  });

  it('asks for no name that is none', async () => {
    for (const id of ['../secrets', 'a/b', '', 'tiny?x']) {
      await expect(fetchLadder(builtIn(), id)).rejects.toMatchObject({ code: 'bad-request' });
    }
    expect(asked).toEqual([]);
  });

  it('names ladder.json where it is missing, no JSON, or an index.html', async () => {
    const message = /ladders\/tiny\/ladder\.json/;
    await expect(fetchLadder(builtIn(), 'tiny')).rejects.toThrow(message);
    for (const content of ['{', '<!doctype html>', '{"version":1}']) {
      answers['/ladders/tiny/ladder.json'] = body(content);
      await expect(fetchLadder(builtIn(), 'tiny')).rejects.toMatchObject({ code: 'format' });
      await expect(fetchLadder(builtIn(), 'tiny')).rejects.toThrow(message);
    }
  });
});

describe('builtInFiles', () => {
  const ladder: Ladder = parseLadder(LADDER_JSON, 'ladder.json');
  const checkpoint = ladder.checkpoints[0] as LadderCheckpoint;
  const at = (file: string): string => `/ladders/tiny/instruct/${file}`;

  it('fetches a listed file once, and asks for no other', async () => {
    answers[at('config.json')] = body(CONFIG);
    const files = builtInFiles(builtIn(), ladder, checkpoint);
    expect(files.label).toBe('tiny@Instruct');
    const [first, second] = await Promise.all([files.open('config.json'), files.open('config.json')]);
    expect(first).toBe(second);
    expect(await files.open('config.json')).toBe(first);
    expect(await files.open('pytorch_model.bin')).toBeNull();
    expect(asked).toEqual([at('config.json')]);
  });

  it('counts progress over all files of the checkpoint', async () => {
    answers[at('config.json')] = body(CONFIG);
    answers[at('model.safetensors')] = body(BYTES);
    const seen: [number, number, string][] = [];
    const files = builtInFiles(builtIn(), ladder, checkpoint, { onProgress: (...part) => seen.push(part) });
    await files.open('config.json');
    await files.open('model.safetensors');
    const total = CONFIG.length + BYTES.byteLength;
    expect(seen[0]).toEqual([CONFIG.length, total, 'config.json']);
    expect(seen.at(-1)).toEqual([total, total, 'model.safetensors']);
  });

  it('names checkpoint and file of another digest, and fetches it again when asked again', async () => {
    answers[at('config.json')] = body('{"model_type":"llama"}');
    const files = builtInFiles(builtIn(), ladder, checkpoint);
    await expect(files.open('config.json')).rejects.toMatchObject({
      code: 'format',
      message: expect.stringContaining('tiny@Instruct/config.json') as string,
    });
    answers[at('config.json')] = body(CONFIG);
    expect((await files.open('config.json'))?.byteLength).toBe(CONFIG.length);
    expect(asked).toHaveLength(2);
  });

  it('can be asked again after a cut connection', async () => {
    answers[at('model.safetensors')] = (response) => void response.destroy();
    const files = builtInFiles(builtIn(), ladder, checkpoint);
    await expect(files.open('model.safetensors')).rejects.toMatchObject({ code: 'fetch' });
    answers[at('model.safetensors')] = body(BYTES);
    expect((await files.open('model.safetensors'))?.byteLength).toBe(BYTES.byteLength);
  });

  it('stops with its signal', async () => {
    answers[at('config.json')] = body(CONFIG);
    const files = builtInFiles(builtIn(), ladder, checkpoint, { signal: AbortSignal.abort() });
    await expect(files.open('config.json')).rejects.toMatchObject({ code: 'interrupted' });
  });
});

describe('fetchPromptSets', () => {
  const { signal } = new AbortController();
  const lines = (split: string): string =>
    madeUpPrompts(split)
      .map((prompt) => JSON.stringify(prompt))
      .join('\n');

  it('reads both sets, with one digest that changes with either', async () => {
    answers['/prompts/harm-train.jsonl'] = body(lines('train'));
    answers['/prompts/harm-test.jsonl'] = body(lines('test'));
    const sets = await fetchPromptSets(builtIn(), { train: 'harm-train.jsonl', test: 'harm-test.jsonl' }, signal);
    expect(sets.train).toEqual(madeUpPrompts('train'));
    expect(sets.test).toEqual(madeUpPrompts('test'));
    answers['/prompts/harm-test.jsonl'] = body(lines('other'));
    const changed = await fetchPromptSets(builtIn(), { train: 'harm-train.jsonl', test: 'harm-test.jsonl' }, signal);
    expect(changed.digest).not.toBe(sets.digest);
    expect(sets.digest).toMatch(/^[0-9a-f]{64}$/);
  });

  it('names the set and the line that is wrong', async () => {
    answers['/prompts/harm-train.jsonl'] = body(lines('train'));
    answers['/prompts/harm-test.jsonl'] = body(`${lines('test')}\n{"id":"x"}`);
    await expect(
      fetchPromptSets(builtIn(), { train: 'harm-train.jsonl', test: 'harm-test.jsonl' }, signal),
    ).rejects.toMatchObject({
      code: 'format',
      message: expect.stringMatching(/prompts\/harm-test\.jsonl, line 33/) as string,
    });
  });

  it('names the set that is missing', async () => {
    answers['/prompts/harm-test.jsonl'] = body(lines('test'));
    await expect(
      fetchPromptSets(builtIn(), { train: 'harm-train.jsonl', test: 'harm-test.jsonl' }, signal),
    ).rejects.toThrow('prompts/harm-train.jsonl: the server answered 404.');
  });
});
