/** An answer as the choices that give it again, and back. */
import type { AnswerRequest } from '../../labs/steer/steer-messages.ts';
import type { SteeringMove } from '../../labs/steer/answer-messages.ts';
import type { SteeringSettings } from '../../labs/steer/steering.ts';
import type { AnswerRun } from './answer-run.svelte.ts';
import type { PlannedMove, SteerParams } from './steer-params.ts';

/** The choices that give the shown answers again, token by token; null where there are none. */
export function answerParams(
  run: Pick<AnswerRun, 'origin' | 'moves' | 'state' | 'asIs' | 'steered' | 'directionPrompts'>,
): SteerParams | null {
  const { origin, moves, state, asIs, steered } = run;
  const length = Math.max(asIs.length, steered.length);
  if (origin === null || length === 0) return null;
  const isCut = state.kind !== 'writing' && [asIs, steered].some(({ stopReason }) => !isWhole(stopReason));
  return {
    ...origin.params,
    layer: origin.params.layer ?? (origin.model.source.kind === 'saved' ? origin.request.steering.layer : null), // a suggestion may be another elsewhere
    directionPrompts: run.directionPrompts,
    moves: moves.map((move) => plannedMove(move, origin.request)),
    maxTokens: isCut ? length : origin.params.maxTokens,
  };
}

/** An answer that was stopped, or broke off, would go on elsewhere. */
const isWhole = (reason: AnswerRun['asIs']['stopReason']): boolean => reason === 'end' || reason === 'length';

function plannedMove({ index, steering }: SteeringMove, { steering: first }: AnswerRequest): PlannedMove {
  return {
    index,
    lambdas: steering.lambdas,
    layer: steering.layer === first.layer ? null : steering.layer,
    positions: steering.positions === first.positions ? null : steering.positions,
  };
}

/** The moves of a link as the model takes them. */
export function plannedMoves(
  moves: readonly PlannedMove[],
  first: SteeringSettings,
  layers: number,
): readonly SteeringMove[] {
  return moves.map(({ index, lambdas, layer, positions }) => ({
    index,
    steering: {
      layer: Math.min(layer ?? first.layer, layers - 1),
      positions: positions ?? first.positions,
      lambdas,
    },
  }));
}
