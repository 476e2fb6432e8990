/** A checkpoint that ties its output to the embeddings and holds an output of its own as well. */
import { LabError } from '../../core/errors.ts';
import { shown } from '../../core/text/quote.ts';
import { decodeFloat32 } from '../../formats/bytes/safetensors.ts';
import type { CheckpointTensors, LocatedTensor } from './checkpoint-tensors.ts';
import type { OlmoConfig } from './config.ts';

const COMPARED_ROWS_BYTES = 16e6; // read at once

/**
 * Throws a `config` error where they differ: transformers 4 would run the embeddings, transformers 5 the output, so neither is right. A
 * copy of the embeddings is fine, which some programs save.
 */
export async function checkTiedHead(
  tensors: CheckpointTensors,
  { tiedEmbeddings, vocabSize, hiddenSize }: OlmoConfig,
  label: string,
): Promise<void> {
  if (!tiedEmbeddings) return;
  const head = await tensors.find('lm_head.weight');
  if (head === null) return;
  const embeddings = await tensors.locate('model.embed_tokens.weight', [vocabSize, hiddenSize]);
  if (await areSame(embeddings, head, vocabSize)) return;
  const problem = `config.json of ${shown(label)} ties the output to the embeddings (tie_word_embeddings), but its weights hold a different lm_head.weight: transformers 4 runs the embeddings, transformers 5 lm_head.weight.`; // prettier-ignore
  const nextStep = 'Set tie_word_embeddings to false to use lm_head.weight, or remove that tensor to use the embeddings.'; // prettier-ignore
  throw new LabError('config', problem, nextStep);
}

async function areSame(one: LocatedTensor, other: LocatedTensor, rows: number): Promise<boolean> {
  if (one.entry.shape.join() !== other.entry.shape.join()) return false;
  const rowBytes = (one.entry.end - one.entry.start) / rows;
  const step = Math.max(1, Math.floor(COMPARED_ROWS_BYTES / rowBytes));
  for (let first = 0; first < rows; first += step) {
    const last = Math.min(rows, first + step);
    const [a, b] = await Promise.all([one, other].map((tensor) => readRows(tensor, rows, first, last)));
    if (a === undefined || b === undefined || a.some((value, index) => value !== b[index])) return false;
  }
  return true;
}

/** As float32, since they may be stored in different types. */
async function readRows(
  { source, entry }: LocatedTensor,
  rows: number,
  first: number,
  last: number,
): Promise<Float32Array> {
  const rowBytes = (entry.end - entry.start) / rows;
  const bytes = await source.slice(entry.start + first * rowBytes, entry.start + last * rowBytes);
  return decodeFloat32(source.name, entry, bytes);
}
