import { describe, expect, it } from 'vitest';
import { LabError } from '../../../../src/core/errors.ts';
import type { StudyPlan } from '../../../../src/formats/study/study-plan.ts';
import type { StudyResults } from '../../../../src/formats/study/study-results.ts';
import { parseStudyResults, writeStudyResults } from '../../../../src/formats/study/study-results-file.ts';
import { AnalysisContext } from '../../../../src/labs/study/analysis/analysis-context.ts';
import { LocalAnalyst } from '../../../../src/labs/study/analysis/analyst.ts';
import { StudyLab, type StudyLabParts } from '../../../../src/labs/study/study-lab.ts';
import type { StudyProgress } from '../../../../src/labs/study/study-messages.ts';
import { MadeUpExtractor } from '../../../support/made-up-extractor.ts';
import { HIDDEN, MemoryStore, PLAN, SOURCES } from '../../../support/made-up-study.ts';

function madeUpLab(
  store = new MemoryStore(),
  extractors = [new MadeUpExtractor(store)],
  others: Partial<StudyLabParts> = {},
): StudyLab {
  return new StudyLab({
    ...SOURCES,
    store,
    extractors: () => Promise.resolve(extractors),
    pin: ({ source }) => Promise.resolve(source.revision),
    storage: () => Promise.resolve(null),
    ...others,
  });
}

const nothing = (): void => undefined;
const run = (lab: StudyLab, plan: StudyPlan = PLAN): Promise<StudyResults> =>
  lab.run({ plan, provider: 'wasm' }, nothing, nothing);

const aurocs = ({ checkpoints }: StudyResults, probe: string, test: string): number[] =>
  checkpoints.map(
    ({ probes }) =>
      probes.find((row) => row.probe === probe && row.direction === 'general' && row.test === test)?.auroc ?? NaN,
  );

describe('a study from its plan to its results', { timeout: 30_000 }, () => {
  it('sees the classes come apart, with every probe, and nothing in its controls', async () => {
    const results = await run(madeUpLab());
    for (const probe of ['projection', 'lda', 'logistic']) {
      const [first = NaN, second = NaN, third = NaN, last = NaN] = aurocs(results, probe, 'In distribution');
      expect(first).toBeLessThan(0.75);
      expect(second).toBeGreaterThan(0.9);
      expect(third).toBeGreaterThan(0.99);
      expect(last).toBeGreaterThan(0.99);
    }
    const control = results.checkpoints.at(-1)?.controls ?? [];
    expect(control.find((row) => row.control === 'random-labels')?.auroc).toBeCloseTo(0.5, 0);
    expect(control.find((row) => row.control === 'concept-on-truth')?.auroc).toBeCloseTo(0.5, 0);
    expect(control.filter((row) => row.control === 'random-direction')).toHaveLength(2);
    const words = results.surface.find((row) => row.surface === 'words' && row.direction === 'general');
    expect(words?.auroc).toBe(1); // the made-up texts say what they are
  });

  it('gives every figure a matrix of its own size, and a transfer diagonal that is the probe’s own AUROC', async () => {
    const { ladder, checkpoints, names, ...results } = await run(madeUpLab());
    expect(names).toEqual(['general', 'theft', 'violence']);
    const [general] = ladder?.directions ?? [];
    expect(general?.cosines).toHaveLength(4);
    const transfer = general?.transfer.find(({ test }) => test === 'Rewritten')?.auroc ?? [];
    const own = aurocs({ ...results, names, ladder, checkpoints }, 'projection', 'Rewritten');
    expect(transfer.map((row, index) => row[index])).toEqual(own);
    expect(ladder?.drift.map(({ name }) => name)).toEqual(['negative', 'general', 'theft', 'violence']);
    expect(ladder?.angles).toHaveLength(3);
    expect(ladder?.pca?.tracks[0]?.coordinates).toHaveLength(4);
    expect(ladder?.jumps.filter(({ direction, test }) => direction === 'general' && test === 'Rewritten')).toHaveLength(3); // prettier-ignore
    expect(checkpoints[2]?.sweep.find(({ direction }) => direction === 'general')?.auroc).toHaveLength(3);
  });

  it('finds the same however many extractors there are, and whatever was there before', async () => {
    const alone = await run(madeUpLab());
    const store = new MemoryStore();
    expect(
      await run(
        madeUpLab(
          store,
          [1, 2, 3].map(() => new MadeUpExtractor(store)),
        ),
      ),
    ).toEqual(alone);
    expect(await run(madeUpLab(store))).toEqual(alone);
  });

  it('finds the same whoever analyses, and in whatever order they end', async () => {
    const whole = await run(madeUpLab());
    const store = new MemoryStore();
    let closed = 0;
    const analysts: StudyLabParts['analysts'] = () => {
      let resolve: (analyst: LocalAnalyst) => void = () => undefined;
      const opened = new Promise<LocalAnalyst>((done) => (resolve = done));
      return {
        open: (study, layer) => {
          resolve(new LocalAnalyst(new AnalysisContext(study, layer), store));
        },
        analyse: async (point, commit, known) => {
          const result = await (await opened).analyse(point, commit, known);
          await new Promise((done) => setTimeout(done, 60 - 20 * point)); // the last one first
          return result;
        },
        surface: async () => (await opened).surface(),
        stageJumps: async (test, before, after) => (await opened).stageJumps(test, before, after),
        close: () => closed++,
      };
    };
    expect(await run(madeUpLab(store, undefined, { analysts }))).toEqual(whole);
    expect(closed).toBe(1);
  });

  it('goes on where it was stopped, at whatever unit, and ends with the same results', async () => {
    const whole = await run(madeUpLab());
    for (const units of [0, 1, 3, 4, 7, 11, 15]) {
      const store = new MemoryStore();
      const extractor = new MadeUpExtractor(store);
      const lab = madeUpLab(store, [extractor]);
      extractor.beforeUnit = () => {
        if (extractor.worked.length >= units) lab.cancel();
      };
      await expect(run(lab)).rejects.toMatchObject({ code: 'interrupted' });
      const again = new MadeUpExtractor(store);
      expect(await run(madeUpLab(store, [again]))).toEqual(whole);
      expect(again.worked).toHaveLength(16 - units); // nothing twice
    }
  });

  it('is stopped, not failed, whatever becomes of the unit under way', async () => {
    const store = new MemoryStore();
    const extractor = new MadeUpExtractor(store);
    const lab = madeUpLab(store, [extractor]);
    extractor.beforeUnit = () => {
      lab.cancel();
      throw new Error('The study was stopped.'); // as it comes back from a worker
    };
    await expect(run(lab)).rejects.toMatchObject({ code: 'interrupted' });
  });

  it('finds its plan again, however early it was stopped', async () => {
    const store = new MemoryStore();
    const extractor = new MadeUpExtractor(store);
    const lab = madeUpLab(store, [extractor]);
    extractor.beforeUnit = () => lab.cancel();
    await expect(run(lab, { ...PLAN, layer: 'auto', name: 'Mine' })).rejects.toMatchObject({ code: 'interrupted' });
    const kept = await madeUpLab(store).kept();
    expect(kept).toMatchObject({
      complete: false,
      imported: false,
      results: { plan: { name: 'Mine' }, checkpoints: [] },
    });
  });

  it('takes nothing back that it has shown when it goes on', async () => {
    const store = new MemoryStore();
    const extractor = new MadeUpExtractor(store);
    const lab = madeUpLab(store, [extractor]);
    extractor.beforeUnit = () => {
      if (extractor.worked.length === 12) lab.cancel();
    };
    await expect(run(lab)).rejects.toMatchObject({ code: 'interrupted' });
    const kept = (await lab.kept())?.results.checkpoints.length ?? 0;
    expect(kept).toBeGreaterThan(0);
    const shown: number[] = [];
    await madeUpLab(store).run({ plan: PLAN, provider: 'wasm' }, nothing, ({ checkpoints }) =>
      shown.push(checkpoints.length),
    );
    expect(Math.min(...shown)).toBeGreaterThanOrEqual(kept);
  });

  it('says of how many layers it took one, where the plan gave it too', async () => {
    const results = await run(madeUpLab(), { ...PLAN, layer: 1, sweep: false });
    expect(results.layer).toEqual({ layer: 1, layers: 3, hidden: HIDDEN, scores: null });
  });

  it('runs though the last checkpoint’s config.json cannot be read', async () => {
    const lab = madeUpLab(new MemoryStore(), undefined, {
      shape: ({ point }) => {
        if (point.stage !== 'instruct') return Promise.resolve({ layers: 3, hidden: HIDDEN, room: 64 });
        return Promise.reject(new LabError('config', 'config.json is cut short.', 'Fetch it again.'));
      },
    });
    expect((await run(lab)).layer).toMatchObject({ layers: 3, hidden: HIDDEN });
  });

  it('holds between two units while it is paused', async () => {
    const store = new MemoryStore();
    const extractor = new MadeUpExtractor(store);
    const lab = madeUpLab(store, [extractor]);
    const statuses: string[] = [];
    extractor.beforeUnit = () => {
      if (extractor.worked.length === 2) lab.pause();
    };
    const running = lab.run({ plan: PLAN, provider: 'wasm' }, ({ status }) => statuses.push(status), nothing);
    await expect.poll(() => extractor.worked.length).toBe(3);
    await new Promise((done) => setTimeout(done, 30));
    expect(extractor.worked).toHaveLength(3);
    lab.resume();
    await running;
    expect(extractor.worked).toHaveLength(16);
    expect(statuses).toContain('paused');
  });

  it('leaves a checkpoint out whose files are broken, and says so', async () => {
    const store = new MemoryStore();
    const extractor = new MadeUpExtractor(store);
    extractor.beforeUnit = ({ label }) => {
      if (label === 'step10') throw new LabError('format', 'model.safetensors is cut short.', 'Fetch it again.');
    };
    const results = await run(madeUpLab(store, [extractor]));
    expect(results.checkpoints.map(({ point }) => point)).toEqual([0, 2, 3]);
    expect(results.failures).toEqual([
      { point: 1, message: 'model.safetensors is cut short.', nextStep: 'Fetch it again.' },
    ]);
  });

  it('chooses the layer with the highest AUROC on the last checkpoint', async () => {
    const results = await run(madeUpLab(), { ...PLAN, layer: 'auto' });
    expect(results.layer?.layer).toBe(1);
    const scores = results.layer?.scores ?? [];
    expect(Math.max(...scores)).toBe(scores[1]);
  });

  it('reports every unit, and results that grow', async () => {
    const progress: StudyProgress[] = [];
    const grown: number[] = [];
    const { checkpoints: measured } = await madeUpLab().run(
      { plan: PLAN, provider: 'wasm' },
      (step) => progress.push(step),
      ({ checkpoints }) => grown.push(checkpoints.length),
    );
    expect(progress.at(-1)).toMatchObject({ unitsDone: 16, units: 16, phase: 'analysing' });
    expect(grown).toEqual([...grown].sort());
    expect([grown[0], grown[1], measured.length]).toEqual([0, 1, 4]);
  });

  it('shows what lies behind an AUROC: ROC, histogram, and prompts from the highest score down', async () => {
    const store = new MemoryStore();
    const lab = madeUpLab(store);
    await run(lab);
    const detail = await lab.detail({ plan: PLAN, point: 3, probe: 'projection', direction: 'theft', test: 'In distribution' }); // prettier-ignore
    expect(detail.highest.every(({ category }) => category === 'theft')).toBe(true);
    expect(detail.lowest.every(({ label }) => label === 'safe')).toBe(true);
    expect(detail.histogram.positive.reduce((sum, count) => sum + count, 0)).toBe(24);
    expect(detail.roc.tpr.at(-1)).toBe(1);
    await expect(
      lab.detail({ plan: PLAN, point: 3, probe: 'lda', direction: 'theft', test: 'Elsewhere' }),
    ).rejects.toMatchObject({ code: 'bad-request' });
  });

  it('says beforehand what a plan comes to, and what of it is there already', async () => {
    const store = new MemoryStore();
    const lab = madeUpLab(store);
    const prompts = 120 + 72 + 72 + 48;
    const bytes = prompts * HIDDEN * 4 + 3 * 4 * HIDDEN * 8 + 3 * 3 * 144 * 4;
    const outline = { points: 4, sets: 4, units: 16, prompts, bytesToStore: 4 * bytes };
    expect(await lab.outline(PLAN)).toMatchObject({ ...outline, unitsStored: 0, bytesToFetch: 40 });
    await run(lab);
    expect(await lab.outline(PLAN)).toMatchObject({ ...outline, unitsStored: 16, bytesToFetch: 0 });
  });

  it('deletes what is stored behind the results, which stay', async () => {
    const store = new MemoryStore();
    const lab = madeUpLab(store);
    const results = await run(lab);
    await lab.clearUnits();
    expect(await lab.outline(PLAN)).toMatchObject({ unitsStored: 0 });
    expect((await lab.kept())?.results).toEqual(results);
    const target = { plan: PLAN, point: 0, probe: 'projection', direction: 'general', test: 'Rewritten' } as const;
    await expect(lab.detail(target)).rejects.toMatchObject({ code: 'storage' });
    expect(await run(lab)).toEqual(results);
  });

  it('writes results that read back as they were', async () => {
    const results = await run(madeUpLab());
    expect(parseStudyResults(writeStudyResults(results), 'results.json')).toEqual(results);
  });

  it('keeps its own results while imported ones are shown', async () => {
    const store = new MemoryStore();
    const lab = madeUpLab(store);
    const results = await run(lab);
    const other = { ...results, plan: { ...results.plan, name: 'Elsewhere' } };
    const imported = await lab.importResults(new File([writeStudyResults(other)], 'other.json'));
    expect(imported).toMatchObject({ imported: true, complete: true, file: { name: 'other.json' } });
    expect((await lab.kept())?.results.plan.name).toBe(PLAN.name); // not before they were drawn
    await lab.saveImported();
    expect((await lab.kept())?.results.plan.name).toBe('Elsewhere');
    expect((await lab.kept())?.file?.name).toBe('other.json');
    expect((await lab.ownStudy())?.results.plan.name).toBe(PLAN.name);
    expect((await lab.forgetImported())?.results.plan.name).toBe(PLAN.name);
    await expect(lab.importResults(new File(['{"format":"else"}'], 'bad.json'))).rejects.toMatchObject({ code: 'format' }); // prettier-ignore
    expect((await lab.kept())?.results.plan.name).toBe(PLAN.name);
  });
});
