/** The checkpoints of a plan, in the order of training, and where each of them lies. */
import type { LadderRef } from '../../models/checkpoint-ref.ts';
import { LabError } from '../../../core/errors.ts';
import { shownNames } from '../../../core/text/quote.ts';
import type { Ladder } from '../../../formats/ladders/ladder.ts';
import type { StudyPlan } from '../../../formats/study/study-plan.ts';
import type { LadderPoint } from '../../../formats/study/study-results.ts';

export interface StudyPoint {
  readonly point: LadderPoint;
  readonly source: LadderRef;
  readonly commit: string | null; // what its activations are stored under; null: known once the source was asked
  readonly bytes: number | null; // of its files; null: not known
}

/** Throws `not-found` for a revision that the ladder lacks. */
export function pointsOf({ ladder }: StudyPlan, builtIn: Ladder | null): StudyPoint[] {
  if (ladder.kind === 'hub') {
    return ladder.checkpoints.map(({ repo, revision, commit, stage, step, tokens }) => ({
      point: { label: `${repo}@${revision}`, stage, step, tokens },
      source: { kind: 'hub', repo, revision, commit },
      commit,
      bytes: null,
    }));
  }
  if (builtIn?.id !== ladder.id) {
    throw new LabError('not-found', `There is no ladder “${ladder.id}”.`, 'The built-in ladder is tiny-olmo3.');
  }
  const wanted = ladder.revisions;
  const missing = wanted === 'all' ? [] : wanted.filter((name) => !builtIn.checkpoints.some(({ revision }) => revision === name)); // prettier-ignore
  if (missing.length > 0) {
    const names = shownNames(
      builtIn.checkpoints.map(({ revision }) => revision),
      50,
    ); // prettier-ignore
    throw new LabError('not-found', `${ladder.id} has no revision “${shownNames(missing, 20, '”, “')}”.`, `It has ${names}.`); // prettier-ignore
  }
  const taken = builtIn.checkpoints.filter(({ revision }) => wanted === 'all' || wanted.includes(revision));
  return taken.map(({ revision, stage, step, tokensSeen, files }) => ({
    point: { label: revision, stage, step, tokens: tokensSeen },
    source: { kind: 'built-in', ladder: ladder.id, revision },
    commit: files['model.safetensors']?.sha256 ?? null,
    bytes: Object.values(files).reduce((sum, { bytes }) => sum + bytes, 0),
  }));
}
