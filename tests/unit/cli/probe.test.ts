import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { writeStudyResults } from '../../../src/formats/study/study-results-file.ts';
import type { StudyResults } from '../../../src/formats/study/study-results.ts';
import { madeUpResults } from '../../support/made-up-results.ts';
import { lab, makeFolder } from '../../support/run-cli.ts';

const whole = madeUpResults();

function fileOf(results: StudyResults): string {
  const path = join(makeFolder(), 'results.json');
  writeFileSync(path, writeStudyResults(results));
  return path;
}

it('shows the controls of the first test, and none of another where that was left out', async () => {
  const test = whole.plan.tests[0]?.name ?? '';
  const once = (results: StudyResults): StudyResults => ({
    ...results,
    checkpoints: results.checkpoints.map((checkpoint, place) => ({
      ...checkpoint,
      controls: checkpoint.controls
        .filter((row) => place > 0 || row.control !== 'random-labels' || row.test !== test)
        .map((row) => ({ ...row, repeats: 1 })),
    })),
  });
  const { stdout } = await lab('probe', '--results', fileOf(once(whole)), '--json');
  const rows = JSON.parse(stdout) as Record<string, number | null>[];
  const own = (place: number, control: string, of: string | null): number | null =>
    once(whole).checkpoints[place]?.controls.find((row) => row.control === control && row.test === of)?.auroc ?? null;
  expect(own(1, 'random-labels', test)).not.toBeNull();
  expect(rows.slice(0, 2).map((row) => row['random-labels'])).toEqual([null, own(1, 'random-labels', test)]);
  expect(rows[1]?.['truth']).toBe(own(1, 'truth', whole.plan.truth));
});

it('prints names without what would move the cursor or turn the words around', async () => {
  const points = whole.points.map((point, index) => (index === 0 ? { ...point, label: 'a\u001b[2J\u202eb' } : point));
  const path = fileOf({ ...whole, points });
  for (const verb of ['probe', 'geometry', 'findings']) {
    const { code, stdout } = await lab(verb, '--results', path);
    expect([code, stdout]).toEqual([0, expect.not.stringMatching(/[\u001b\u202e]/)]);
  }
});

it('says which directions the results have, and where the random ones are', async () => {
  const path = fileOf(whole);
  const { code, stderr } = await lab('probe', '--results', path, '--direction', 'random');
  expect(code).toBe(2);
  const names = whole.names.slice(1).map((name) => `"${name}"`);
  expect(stderr).toContain(`these results have no direction "random": --direction takes "general" or a category, one of ${names.join(', ')}; for random directions, see the random-direction column`); // prettier-ignore
  expect((await lab('probe', '--results', path, '--direction', 'x')).stderr).not.toContain('random');
});
