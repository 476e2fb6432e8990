/** The units of a ladder extraction: which activations of a checkpoint are missing, and how they are computed in one pass. */
import type { Pooling } from '../../core/probes/pooling.ts';
import type { CheckpointFiles } from '../../engine/checkpoint/checkpoint-files.ts';
import { residPost } from '../../engine/run/residual-sites.ts';
import type { StreamedPrecision } from '../../engine/streamed/stage-graph.ts';
import { OlmoTokenizer } from '../../engine/tokens/tokenizer.ts';
import { hasActivations, writeActivations, type ActivationInputs, type ActivationStore } from './activation-store.ts';
import { encodePrompt } from '../steer/category-directions.ts';
import type { PromptTemplate } from '../../formats/prompts/prompt-template.ts';
import type { KeyValueStore } from '../../core/key-value-store.ts';

/** A checkpoint of a ladder, wherever it lies. */
export interface LadderCheckpointSource {
  readonly label: string;
  /** Pins it: its files, and the commit that they are of. Throws `fetch` errors where the source is out of reach for a while. */
  resolve(signal: AbortSignal): Promise<PinnedCheckpoint>;
}

export interface PinnedCheckpoint {
  readonly commit: string;
  readonly files: CheckpointFiles;
}

export interface LadderPromptSet {
  readonly name: string;
  readonly digest: string; // sha256, of what the texts are made of
  readonly texts: readonly string[];
  readonly template: PromptTemplate;
}

export interface LadderPlan {
  readonly checkpoints: readonly LadderCheckpointSource[];
  readonly promptSets: readonly LadderPromptSet[];
  readonly layers: readonly number[];
  readonly pooling: Pooling;
  readonly precision: StreamedPrecision;
}

/** The prompt sets of which the store lacks a layer on this checkpoint. */
export async function missingSets(
  store: ActivationStore,
  plan: Omit<LadderPlan, 'checkpoints'>,
  commit: string,
): Promise<readonly LadderPromptSet[]> {
  const missing: LadderPromptSet[] = [];
  for (const set of plan.promptSets) {
    const found = await Promise.all(
      plan.layers.map((layer) => hasActivations(store, inputsOf(plan, commit, set, layer))),
    );
    if (found.includes(false)) missing.push(set);
  }
  return missing;
}

/** Token ids of the sets' prompts, one set after the other: all of them go through the weights together. */
export async function tokenise(files: CheckpointFiles, sets: readonly LadderPromptSet[]): Promise<number[][]> {
  const tokenizer = await OlmoTokenizer.open(files);
  return tokenizer.tokenizing(() =>
    sets.flatMap(({ texts, template }) => texts.map((text) => encodePrompt(tokenizer, text, template))),
  );
}

/** Stores what a pass gave, set by set. `pooled`: layer → [prompts of all sets, hidden], in the order of `tokenise`. */
export async function storeUnits(
  store: KeyValueStore,
  plan: Omit<LadderPlan, 'checkpoints'>,
  { commit, files }: PinnedCheckpoint,
  sets: readonly LadderPromptSet[],
  pooled: ReadonlyMap<number, Float32Array>,
): Promise<void> {
  const prompts = sets.reduce((sum, { texts }) => sum + texts.length, 0);
  let before = 0; // prompts
  for (const set of sets) {
    const rows = set.texts.length;
    for (const [layer, all] of pooled) {
      const hidden = prompts === 0 ? 0 : all.length / prompts;
      const values = all.slice(before * hidden, (before + rows) * hidden);
      const inputs = inputsOf(plan, commit, set, layer);
      await writeActivations(store, { inputs, checkpoint: files.label, promptSet: set.name, rows, hidden, values });
    }
    before += rows;
  }
}

function inputsOf(
  plan: Pick<LadderPlan, 'pooling' | 'precision'>,
  commit: string,
  set: LadderPromptSet,
  layer: number,
): ActivationInputs {
  const { pooling, precision } = plan;
  return { commit, promptDigest: set.digest, site: residPost(layer), pooling, template: set.template, precision };
}
