/** Finds prompts of a study that are longer than its checkpoints' context. */
import { lowest } from '../../../core/statistics/min-max.ts';
import { asLabError } from '../../../core/errors.ts';
import type { OlmoTokenizer } from '../../../engine/tokens/tokenizer.ts';
import { isCheckpointFault } from '../../jobs/checkpoint-faults.ts';
import type { StudyPoint } from './study-points.ts';
import { encodeStudyPrompt } from '../run/study-prompt.ts';
import type { ReadingInputs } from '../run/study-store.ts';
import type { ModelShape } from './model-shape.ts';

export interface RoomSources {
  /** The shape of a checkpoint's model, read from config.json alone. */
  shape(point: StudyPoint): Promise<ModelShape>;
  tokenizer(point: StudyPoint): Promise<OlmoTokenizer>;
}

/** Returns the indices of the texts that have too many tokens. */
export type FindTooLong = (texts: readonly string[]) => Promise<ReadonlySet<number>>;

const TEMPLATE_TOKENS = 128; // more than OLMo's chat templates add to an instruction

/**
 * One answer for all checkpoints, so that all of them read the same prompts. The context only grows during training, so the smaller of
 * the first and last checkpoint's is the limit. Tokens are counted with the last tokenizer, whose chat template is used for all.
 */
const MOST_BYTES = 3; // UTF-8 bytes per UTF-16 code unit

export function tooLongFor(points: readonly StudyPoint[], reading: ReadingInputs, sources: RoomSources): FindTooLong {
  const encoder = new TextEncoder();
  const margin = reading.template === 'chat' ? TEMPLATE_TOKENS : 0;
  let room: Promise<number> | null = null;
  let tokenizer: Promise<OlmoTokenizer> | null = null;
  return async (texts) => {
    const last = points.at(-1);
    if (last === undefined) return new Set();
    room ??= leastRoom([points[0] ?? last, last], sources);
    const most = await room;
    const isDoubtful = (text: string): boolean => {
      if (MOST_BYTES * text.length + margin <= most) return false;
      return encoder.encode(text).length + margin > most; // a token is a byte or more
    };
    const doubtful = texts.flatMap((text, index) => (isDoubtful(text) ? [{ text, index }] : []));
    if (doubtful.length === 0) return new Set();
    tokenizer ??= lastTokenizer(points, sources);
    const chat = await tokenizer;
    const tokens = (text: string): number => encodeStudyPrompt(chat, text, { ...reading, chat }).length;
    return chat.tokenizing(() => new Set(doubtful.flatMap(({ text, index }) => (tokens(text) > most ? [index] : []))));
  };
}

/** The smallest context; Infinity if no config.json can be read: the run reports a faulty checkpoint when it gets there. */
async function leastRoom(points: readonly StudyPoint[], sources: RoomSources): Promise<number> {
  const rooms = points.map((point) =>
    sources.shape(point).then(
      ({ room }) => room,
      () => Infinity,
    ),
  );
  return lowest(await Promise.all(rooms));
}

/** The tokenizer of the last checkpoint where it can be read: all checkpoints of a ladder have the same one. */
async function lastTokenizer(points: readonly StudyPoint[], sources: RoomSources): Promise<OlmoTokenizer> {
  let problem: unknown = null;
  for (const point of points.toReversed()) {
    try {
      return await sources.tokenizer(point);
    } catch (error) {
      problem ??= error;
      if (!isCheckpointFault(asLabError(error))) break;
    }
  }
  throw problem;
}
