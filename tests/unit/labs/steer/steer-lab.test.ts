import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bytesSource } from '../../../../src/formats/bytes/byte-source.ts';
import { readFloat32, readSafetensorsHeader } from '../../../../src/formats/bytes/safetensors.ts';
import type { AnswerBatch } from '../../../../src/labs/steer/answer-batches.ts';
import type { DirectionsSummary, OpenRequest, Progress } from '../../../../src/labs/steer/steer-messages.ts';
import { summariseLadder } from '../../../../src/labs/models/ladder-summary.ts';
import { SteerLab, type SteerLabParts } from '../../../../src/labs/steer/steer-lab.ts';
import { convertCheckpoint } from '../../../../src/engine/convert/convert.ts';
import { requireManifest } from '../../../../src/engine/convert/open-converted.ts';
import { madeUpFiles, memoryFiles } from '../../../support/checkpoint-fixtures.ts';
import { CrashingFolder } from '../../../support/crashing-folder.ts';
import {
  answerTexts,
  asking,
  labParts,
  LADDER,
  mapStore,
  opening,
  PROMPT_SETS,
  quiet,
  settings,
  source,
} from '../../../support/made-up-lab.ts';

let lab: SteerLab;
const labs: SteerLab[] = [];
const makeLab = (changes: Partial<SteerLabParts> = {}): SteerLab => {
  const made = new SteerLab(labParts(changes));
  labs.push(made);
  return made;
};

beforeEach(() => {
  lab = makeLab();
});
afterEach(async () => {
  await Promise.all(labs.splice(0).map((made) => made.release()));
});

const TIMEOUT = 30_000; // ms; models are opened, on a machine that may be busy

describe('SteerLab', { timeout: TIMEOUT }, () => {
  it('describes a ladder with the size of each checkpoint', () => {
    const { checkpoints, defaults } = summariseLadder(LADDER);
    expect(checkpoints.map(({ revision, bytes }) => [revision, bytes])).toEqual([
      ['A', 120],
      ['B', 120],
      ['damaged', 120],
    ]);
    expect(defaults).toMatchObject({ revision: 'A', steeringLayer: 1 });
  });

  it('opens, computes directions, answers, exports', async () => {
    const progress: Progress[] = [];
    const model = await lab.open(opening('A'), (part) => progress.push(part));
    expect(model).toMatchObject({
      source: source('A'),
      label: 'A',
      steeringLayer: 1,
      family: 'olmo3',
      layers: 3,
      hiddenSize: 32,
      chat: true,
      provider: 'wasm',
    });
    expect(progress.some(({ phase }) => phase === 'compile')).toBe(true);
    const directions = await lab.directions({ prompts: null, set: null }, (part) => progress.push(part));
    expect(progress.at(-1)).toMatchObject({ phase: 'extract', done: 32, total: 32, unit: 'prompts' });
    expect(directions).toMatchObject({ source: source('A'), cached: false, storageProblem: null });
    expect(directions.layers).toHaveLength(3);
    expect(structuredClone(directions)).toEqual(directions);
    const [asIs, steered] = await answerTexts(lab);
    expect(asIs).toBe(steered);
    for (let read = 0; read < directions.total;) ({ read } = await lab.refine());
    const file = bytesSource('export', await lab.exportDirections());
    const { tensors, metadata } = await readSafetensorsHeader(file);
    // The window of layer 0 sees nothing but how every prompt ends, all classes alike, so its directions have no length.
    expect(tensors.size).toBe(2 * 8);
    expect(metadata).toMatchObject({ model: 'made-up', revision: 'A', pooling: 'last' });
    expect(metadata['length_zero']?.split(' ')).toHaveLength(8);
    const entry = tensors.get('resid_post.2.violence');
    expect(entry?.shape).toEqual([32]);
    expect(entry && (await readFloat32(file, entry)).every(Number.isFinite)).toBe(true);
  });

  it('says what is missing where it is asked too early', async () => {
    await expect(lab.directions({ prompts: null, set: null }, quiet)).rejects.toMatchObject({
      code: 'bad-request',
      message: 'No model is open.',
    });
    await expect(lab.answer(asking(), quiet)).rejects.toThrow('No model is open.');
    await expect(lab.exportDirections()).rejects.toThrow('No model is open.');
    await lab.open(opening('A'), quiet);
    await expect(lab.refine()).rejects.toThrow('directions have not been computed yet');
    await expect(lab.exportDirections()).rejects.toThrow('no directions to export');
  });

  it('finds directions in the store on the second visit, and other ones for another checkpoint', async () => {
    const store = mapStore();
    const visit = async (revision: string): Promise<DirectionsSummary> => {
      const visited = makeLab({ store });
      await visited.open(opening(revision), quiet);
      return visited.directions({ prompts: null, set: null }, quiet);
    };
    const first = await visit('A');
    const second = await visit('A');
    expect(second).toEqual({ ...first, cached: true });
    const other = await visit('B');
    expect(other.cached).toBe(false);
    expect(store.values.size).toBe(2);
    const changed = makeLab({
      store,
      promptSets: { ...labParts().promptSets, builtIn: () => Promise.resolve({ ...PROMPT_SETS, digest: 'prompts-2' }) },
    });
    await changed.open(opening('A'), quiet);
    expect((await changed.directions({ prompts: null, set: null }, quiet)).cached).toBe(false);
  });

  it('keeps the model that is open where another cannot be opened', async () => {
    await lab.open(opening('A'), quiet);
    await lab.directions({ prompts: null, set: null }, quiet);
    const before = await answerTexts(lab);
    await expect(lab.open(opening('damaged'), quiet)).rejects.toMatchObject({ code: 'format' });
    await expect(lab.open(opening('nowhere'), quiet)).rejects.toMatchObject({ code: 'not-found' });
    expect(await answerTexts(lab)).toEqual(before);
  });

  it('puts the model before away, and its directions with it', async () => {
    await lab.open(opening('A'), quiet);
    await lab.directions({ prompts: null, set: null }, quiet);
    await lab.open(opening('B'), quiet);
    await expect(lab.exportDirections()).rejects.toThrow('no directions to export');
  });

  it.each([
    ['read', { get: () => Promise.reject(new Error('the disk is gone')) }],
    ['write', { set: () => Promise.reject(new Error('the disk is full')) }],
  ])('works on where the store fails to %s, and says so', async (_, broken) => {
    const failing = makeLab({ store: { ...mapStore(), ...broken } });
    await failing.open(opening('A'), quiet);
    const { cached, storageProblem } = await failing.directions({ prompts: null, set: null }, quiet);
    expect(cached).toBe(false);
    expect(storageProblem).toMatch(/the disk is/);
    expect((await answerTexts(failing))[0]).not.toBe('');
  });

  it('runs the next job after one that failed', async () => {
    await lab.open(opening('A'), quiet);
    await lab.directions({ prompts: null, set: null }, quiet);
    const failing = lab.answer(asking({ prompt: '' }), quiet);
    const working = answerTexts(lab);
    await expect(failing).rejects.toMatchObject({ code: 'bad-request' });
    expect((await working)[0]).not.toBe('');
  });

  it('stops the computing of directions, and computes them when asked again', async () => {
    await lab.open(opening('A'), quiet);
    const stopped = lab.directions({ prompts: null, set: null }, () => void lab.stopDirections());
    await expect(stopped).rejects.toMatchObject({ code: 'interrupted' });
    expect((await lab.directions({ prompts: null, set: null }, quiet)).cached).toBe(false);
    expect((await answerTexts(lab))[0]).not.toBe('');
  });

  it('stops an answer that waits for its turn', async () => {
    await lab.open(opening('A'), quiet);
    await lab.directions({ prompts: null, set: null }, quiet);
    const refining = lab.refine();
    const waiting = lab.answer(asking(), quiet);
    await lab.interrupt();
    expect((await waiting).stopReasons).toEqual(['interrupted', 'interrupted']);
    await refining;
  });

  it('stops an answer, and gives the next one whole', async () => {
    await lab.open(opening('A'), quiet);
    await lab.directions({ prompts: null, set: null }, quiet);
    const whole = await answerTexts(lab);
    let tokens = 0;
    const request = asking({ tokensPerSecond: 20 });
    const summary = await lab.answer(request, (batch) => {
      tokens += batch.tokens.length;
      void lab.interrupt();
    });
    expect(summary.stopReasons).toEqual(['interrupted', 'interrupted']);
    expect(tokens).toBeLessThan(16);
    expect(await answerTexts(lab)).toEqual(whole);
  });

  it('steers the answer under way, and tells at which token', async () => {
    await lab.open(opening('A'), quiet);
    await lab.directions({ prompts: null, set: null }, quiet);
    const batches: AnswerBatch[] = [];
    const moved = settings({ lambdas: { general: 30 } });
    await lab.answer(asking({ tokensPerSecond: 50, maxTokens: 12 }), (batch) => {
      if (batches.length === 2) void lab.steer(moved);
      batches.push(batch);
    });
    const moves = batches.flatMap((batch) => batch.moves);
    expect(moves).toHaveLength(1);
    expect(moves[0]?.steering).toEqual(moved);
    const rowTexts = (row: number): string[] =>
      batches.flatMap(({ tokens }) => tokens.filter((token) => token.row === row).map(({ text }) => text));
    const at = moves[0]?.index ?? 0;
    expect(at).toBeGreaterThan(0);
    expect(rowTexts(1).slice(0, at)).toEqual(rowTexts(0).slice(0, at));
    expect(rowTexts(1)).not.toEqual(rowTexts(0));
  });

  it('steers an answer by its own settings while the next one waits', async () => {
    await lab.open(opening('A'), quiet);
    await lab.directions({ prompts: null, set: null }, quiet);
    const steering = settings({ lambdas: { general: 30 } });
    const [plain, steered] = await Promise.all([answerTexts(lab), answerTexts(lab, asking({ steering }))]);
    expect(plain[1]).toBe(plain[0]);
    expect(steered[1]).not.toBe(steered[0]);
  });

  it('forgets the model when it is put away, and opens it again', async () => {
    await lab.open(opening('A'), quiet);
    await lab.release();
    await expect(lab.directions({ prompts: null, set: null }, quiet)).rejects.toThrow('No model is open.');
    await lab.release();
    await expect(lab.open(opening('A'), quiet)).resolves.toMatchObject({ source: source('A') });
  });

  it('hands on what its parts throw', async () => {
    const cut = makeLab({ fetchLadder: () => Promise.reject(new Error('cut')) });
    await expect(cut.open(opening('A'), quiet)).rejects.toThrow('cut');
  });

  it('opens what this browser keeps, notes its use, and caches its directions by its own identity', async () => {
    const folder = new CrashingFolder();
    await convertCheckpoint(memoryFiles(madeUpFiles(), 'made/up@main'), { precision: 'q8' }, folder);
    const touched: string[] = [];
    const store = mapStore();
    const keeping = makeLab({
      store,
      storedModel: (name) => Promise.resolve(name === 'kept' ? folder : null),
      touchStored: (name) => {
        touched.push(name);
        return Promise.reject(new Error('the date was not kept'));
      },
    });
    const stored = (name: string): OpenRequest => ({ source: { kind: 'saved', name }, provider: 'auto' });
    const progress: Progress[] = [];
    const model = await keeping.open(stored('kept'), (part) => progress.push(part));
    expect(model).toMatchObject({ label: 'made/up@main', precision: 'q8', steeringLayer: 1, source: { name: 'kept' } });
    expect(progress.some(({ phase }) => phase === 'check')).toBe(true);
    expect(touched).toEqual(['kept']);
    expect(await keeping.directions({ prompts: null, set: null }, quiet)).toMatchObject({
      source: { kind: 'saved', name: 'kept' },
      cached: false,
    });
    expect((await answerTexts(keeping))[0]).not.toBe('');
    await keeping.open(stored('kept'), quiet);
    expect((await keeping.directions({ prompts: null, set: null }, quiet)).cached).toBe(true);
    expect([...store.values.keys()].join()).toContain((await requireManifest(folder)).identity);
    await expect(keeping.open(stored('gone'), quiet)).rejects.toMatchObject({
      code: 'not-found',
      message: 'The model “gone” is not saved in this browser.',
    });
  });
});
